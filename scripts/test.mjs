// Runs test files, each as a process of its own: `npm test`, `npm run test:unit`, `npm run test:deep`.
import { spawn, spawnSync } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { basename, join, relative } from 'node:path';
import { ensureLabBinaries, level2Obstacle, prometheusObstacle, ROOT, setUp } from './setup.mjs';

const FOLDERS = { unit: ['unit'], all: ['unit', 'lab', 'lab2'], deep: ['deep'] };
const LIMIT_MS = { unit: 180_000, lab: 900_000, lab2: 900_000, deep: 3_600_000 };
/** Files wait much for processes that they have started, so one more runs than there are cores. */
const BESIDE = Math.min(availableParallelism() + 1, 4);
/** What a file that owns two or three clusters without nodes may take. */
const LAB_BYTES = 2 * 1024 ** 3;
/**
 * Files beside each other, all together and of each folder. A lab of level 1 owns ports, so two of them need a
 * network each. One of level 2 makes its own networks, but its nodes need all cores while they start; so one
 * runs at a time, beside others that wait for the most part.
 */
const AT_A_TIME = {
  unit: BESIDE,
  lab: ownNetwork() ? Math.max(1, Math.min(BESIDE, Math.floor(totalmem() / LAB_BYTES))) : 1,
  lab2: 1,
  deep: 1,
};
/** Small files that take long: they begin first, for the last one to end keeps the others waiting. */
const LONG = ['generated.test.ts', 'kill.test.ts', 'examples-1.test.ts', 'mend.test.ts'];
/** Asks the npm registry, which a network of its own does not reach. */
const NEEDS_OUTSIDE = ['package.test.ts'];

const [mode = 'all', ...filters] = process.argv.slice(2);
if (!(mode in FOLDERS)) {
  console.error(`unknown mode ${mode}; there are: ${Object.keys(FOLDERS).join(', ')}`);
  process.exit(3);
}
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort());

await setUp(stop.signal);
const plan = [];
for (const folder of FOLDERS[mode]) plan.push({ folder, files: await findTests(join(ROOT, 'test', folder)) });
const wanted = plan.flatMap(({ files }) => files);
if (mode !== 'unit') await ensureLabBinaries(1, stop.signal);
/** By file, why it cannot run here. */
const obstacles = new Map();
await findObstacle(wanted.filter(needsLevel2), 'level 2 of the lab cannot run here', level2Obstacle);
await findObstacle(await thoseThatWatch(wanted), 'there is no Prometheus here', prometheusObstacle);
const { runFile } = await import('./test-file.mjs');
const { compileTests } = await import('./compile-tests.mjs');
const compiled = await compileTests(wanted);
const total = { passed: 0, failed: 0, skipped: 0 };
await runAll(plan);
if (total.skipped > 0) console.log(`${total.skipped} skipped, each with its reason above`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exit(stop.signal.aborted ? 130 : total.failed > 0 || total.passed === 0 ? 1 : 0);

async function runOne(file, limitMs) {
  if (stop.signal.aborted) return;
  const name = relative(ROOT, file);
  const obstacle = obstacles.get(file);
  if (obstacle) {
    total.skipped += 1;
    console.log(`${name}: skipped, for ${obstacle}`);
    return;
  }
  const isApart = file.startsWith(join(ROOT, 'test', 'lab', '/')) && !NEEDS_OUTSIDE.includes(basename(file));
  const within = isApart ? ownNetwork() : undefined;
  const result = await runFile(spawn, compiled.get(file), {
    cwd: ROOT,
    limitMs,
    signal: stop.signal,
    within,
  });
  for (const key of Object.keys(total)) total[key] += result[key];
  const counts = `${result.passed} passed${result.failed > 0 ? `, ${result.failed} FAILED` : ''}`;
  console.log(`${name}: ${counts} (${(result.durationMs / 1_000).toFixed(1)} s)`);
  if (result.failed > 0) console.log(`${result.output}\n${result.problem ?? ''}`);
  else
    for (const line of result.output
      .split('\n')
      .filter((text) => /\bskip/i.test(text) && !text.includes('Skipped:')))
      console.log(`  ${line.trim()}`);
}

/** Files on real nodes lie in a folder of that name, those of `test/deep` too. */
function needsLevel2(file) {
  return relative(ROOT, file).split('/').includes('lab2');
}

/** Those that use Prometheus or promtool, as their imports tell. */
async function thoseThatWatch(files) {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return files.filter((_, index) => texts[index].includes('/support/prometheus.js'));
}

/** Brings what the files need, and notes why they cannot run where it cannot be brought. */
async function findObstacle(files, what, obstacleFor) {
  const reason = files.length > 0 ? await obstacleFor(stop.signal) : undefined;
  if (reason) for (const file of files) obstacles.set(file, `${what}: ${reason}`);
}

/** Those that are known to take long first, then by size: the larger mostly take longer. */
async function findTests(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)));
  const sized = await Promise.all(files.map(async (file) => ({ file, size: await weightOf(file) })));
  return sized.sort((a, b) => b.size - a.size).map(({ file }) => file);
}

async function weightOf(file) {
  return LONG.includes(basename(file)) ? Number.MAX_SAFE_INTEGER : (await stat(file)).size;
}

/**
 * Runs the files of all folders, in their order but for those of a folder that has as many running as it may:
 * the next folder's go before them then. Files on nodes begin at once, for they take longest.
 */
async function runAll(folders) {
  const queues = folders.map(({ folder, files }) => ({ folder, files: [...files], running: 0 }));
  queues.sort((a, b) => AT_A_TIME[a.folder] - AT_A_TIME[b.folder]);
  const lane = async () => {
    for (;;) {
      const queue = queues.find(
        ({ folder, files, running }) => files.length > 0 && running < AT_A_TIME[folder],
      );
      if (!queue) return;
      queue.running += 1;
      await runOne(queue.files.shift(), LIMIT_MS[queue.folder]);
      queue.running -= 1;
    }
  };
  await Promise.all(Array.from({ length: BESIDE }, lane));
}

/**
 * The command that gives what follows it a network namespace with a loopback of its own; undefined where
 * the system has none. An ordinary user becomes root of a user namespace for it.
 */
function ownNetwork() {
  const flags = process.getuid?.() === 0 ? '-n' : '-Urn';
  const within = ['unshare', flags, 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
  const [program, ...args] = [...within, 'true'];
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0 ? within : undefined;
}
