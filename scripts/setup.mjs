import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const MIN_NODE = [20, 19];

/** Dependencies and build, each only where it is needed; works on a fresh clone. */
export async function setUp(signal) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
    throw new Error(`Node ${MIN_NODE.join('.')} or newer is needed; this is ${process.version}`);
  }
  if (!isInstalled()) {
    console.error('setup: installing dependencies (npm ci; needs the npm registry)');
    await run('npm', ['ci', '--no-fund', '--no-audit'], signal);
  }
  console.error('setup: building');
  await run('npm', ['run', '--silent', 'build'], signal);
}

function isInstalled() {
  const marker = `${ROOT}node_modules/.package-lock.json`;
  return existsSync(marker) && statSync(marker).mtimeMs >= statSync(`${ROOT}package-lock.json`).mtimeMs;
}

function run(command, args, signal) {
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2], signal });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, ending) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code ?? ending}`));
    });
  });
}

/** The programs of a level of the lab; the first time this may build them for some minutes, and says how far it is. */
export async function ensureLabBinaries(level, signal) {
  const { describeEvent, ensureBinaries } = await import('../dist/lab/binaries/index.js');
  return ensureBinaries({ level, signal, onEvent: teller(describeEvent) });
}

/** Why there is no Prometheus; undefined where there is one, which the first time may have been built. */
export async function prometheusObstacle(signal) {
  const { describeEvent, ensurePrometheus } = await import('../dist/lab/binaries/index.js');
  return obstacleOf(ensurePrometheus({ signal, onEvent: teller(describeEvent) }));
}

/** Tells what happens once it takes long. */
function teller(describe) {
  const held = [];
  let isLong = false;
  return (event) => {
    isLong ||= event.type !== 'step';
    held.push(describe(event));
    if (isLong) for (const line of held.splice(0)) console.error(`setup: ${line}`);
  };
}

/** Why there are no binaries; undefined where there are. */
async function obstacleOf(ensuring) {
  try {
    await ensuring;
    return undefined;
  } catch (error) {
    if (error.code !== 'lab-binaries-missing') throw error;
    return error.message;
  }
}

/**
 * What this machine lacks for level 2 of the lab, on one line, with what brings it; undefined where it lacks
 * nothing. The labs of the demo and of the tests lie in the folder for temporary files.
 */
export async function missingForLevel2() {
  const { missingHostNeeds } = await import('../dist/lab/host-needs.js');
  const missing = await missingHostNeeds(tmpdir());
  if (missing.length === 0) return undefined;
  const remedies = [...new Set(missing.flatMap(({ remedy }) => remedy ?? []))];
  const needs = missing.map(({ name, why }) => `${name} (${why})`).join(', ');
  return `it lacks ${needs}${remedies.length > 0 ? `; what helps: ${remedies.join('; ')}` : ''}`;
}

/** Why level 2 of the lab cannot run here; undefined where it can, and then its programs are at hand. */
export async function level2Obstacle(signal) {
  const missing = await missingForLevel2();
  return missing ?? obstacleOf(ensureLabBinaries(2, signal));
}

/** Runs the built command line; resolves to its exit code. Ends with the signal's own end. */
export function meshplan(args, options = {}) {
  const child = spawn(process.execPath, [`${ROOT}bin/meshplan.js`, ...args], {
    stdio: 'inherit',
    ...options,
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 130 : 1)));
  });
}
