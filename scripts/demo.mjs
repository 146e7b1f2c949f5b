// The main job on the embedded lab: two real Kubernetes clusters become one Istio mesh.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { chooseLevel } from './level.mjs';
import { ensureLabBinaries, meshplan, ROOT, setUp } from './setup.mjs';

const HELP = `npm run demo [-- --level 1|2] [-- --keep]

  --level 1  real control planes; nodes and pods are only played
  --level 2  real nodes, pods, sidecars and traffic (Linux, root; more programs)
  --keep     leave the clusters running and say how to end them`;

const values = readArguments();
if (values.help) {
  console.log(HELP);
  process.exit(0);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort());

const folder = await mkdtemp(join(tmpdir(), 'meshplan-demo-'));
const lab = join(folder, '.meshplan', 'lab');
const step = (text) => console.log(`\n── ${text}`);
let code = 1;
let started = false;
/** Flags that make `verify` do all that it can on this lab. */
let traffic = '';
try {
  await setUp(stop.signal);
  const { level, text } = await chooseLevel(values.level);
  console.log(text);
  if (level === 2) traffic = ' --traffic';
  await ensureLabBinaries(level, stop.signal);
  await cp(`${ROOT}examples/primary-remote`, folder, { recursive: true });
  code = await demo(level);
} catch (error) {
  if (!stop.signal.aborted)
    console.error(`demo: ${error.message}${error.hint ? `\n  hint: ${error.hint}` : ''}`);
} finally {
  await cleanUp();
}
process.exit(stop.signal.aborted ? 130 : code);

function readArguments() {
  try {
    const options = { level: { type: 'string' }, keep: { type: 'boolean' }, help: { type: 'boolean' } };
    const { values } = parseArgs({ options });
    if (values.level && !['1', '2'].includes(values.level))
      throw new Error(`there is no level ${values.level}`);
    return values;
  } catch (error) {
    console.error(`demo: ${error.message}\n\n${HELP}`);
    process.exit(3);
  }
}

async function demo(level) {
  const file = ['-f', join(folder, 'mesh.yaml')];
  const clusters = level === 2 ? 'Kubernetes clusters, each with a node' : 'Kubernetes control planes';
  step(`Two real ${clusters} (meshplan lab up --level ${level})`);
  started = true;
  if (await failed(['lab', 'up', '--level', `${level}`, ...file, '--dir', lab])) return 1;
  step('What has to be done, doing it, and proving it (meshplan apply)');
  if (await failed(inLab(...own('apply', '-y', ...file)))) return 1;
  step('A second look finds nothing to do (meshplan plan --detailed-exitcode)');
  if (await failed(inLab(...own('plan', '--detailed-exitcode', '--quiet', ...file)))) return 1;
  step('Pods of both clusters, each with its sidecar');
  for (const cluster of ['cluster-1', 'cluster-2']) {
    console.log(`${cluster}:`);
    await meshplan(inLab('kubectl', '--context', cluster, '-n', 'production', 'get', 'pods'));
  }
  if (level === 1) return 0;
  step('Real requests from every cluster to every cluster (meshplan verify --traffic)');
  return (await failed(inLab(...own('verify', '--traffic', ...file)))) ? 1 : 0;
}

function own(...args) {
  return [process.execPath, `${ROOT}bin/meshplan.js`, ...args];
}

function inLab(...command) {
  return ['lab', 'exec', '--dir', lab, '--', ...command];
}

async function failed(args) {
  const status = await meshplan(args);
  if (status !== 0) console.error(`demo: meshplan ${args.join(' ')} ended with ${status}`);
  return status !== 0 || stop.signal.aborted;
}

async function cleanUp() {
  if (started && code === 0 && !stop.signal.aborted) {
    const at = relative(process.cwd(), folder) || folder;
    step('Where to look next');
    console.log(`mesh file  ${at}/mesh.yaml, with apps/ beside it
state      ${at}/meshplan.state.json
shell      node bin/meshplan.js lab shell --dir ${lab}
kubectl    node bin/meshplan.js lab exec --dir ${lab} -- kubectl --context cluster-2 get pods -A
verify     node bin/meshplan.js lab exec --dir ${lab} -- node bin/meshplan.js verify -f ${folder}/mesh.yaml${traffic}
end it     node bin/meshplan.js lab down --dir ${lab} && rm -r ${folder}`);
    if (values.keep) return;
    if (process.stdin.isTTY) await pause();
  }
  if (started) await meshplan(['lab', 'down', '--dir', lab]);
  await rm(folder, { recursive: true, force: true });
}

async function pause() {
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  await prompt
    .question('\nThe clusters run. Look around from another terminal; Enter ends them. ', {
      signal: stop.signal,
    })
    .catch(() => {});
  prompt.close();
}
