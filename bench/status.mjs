// How proxies are asked about: `istioctl proxy-status` beside `meshplan verify` and one look of `verify --watch`, on
// one level-2 lab, in one run. Usage: node bench/status.mjs [--rounds N]. Prints medians and requests; needs root.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { ROOT, setUp } from '../scripts/setup.mjs';

const exec = promisify(execFile);
const cli = join(ROOT, 'bin', 'meshplan.js');
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '9' }, inside: { type: 'string' } },
});
if (values.inside) await measure(values.inside, Number(values.rounds));
else await onLab();

/** Clusters are reachable from inside of the lab alone. */
async function onLab() {
  await setUp();
  const folder = await mkdtemp(join(tmpdir(), 'meshplan-bench-'));
  const lab = ['--dir', join(folder, '.meshplan', 'lab')];
  const file = join(folder, 'mesh.yaml');
  try {
    await cp(join(ROOT, 'examples', 'primary-remote'), folder, { recursive: true });
    await exec(process.execPath, [cli, 'lab', 'up', '-f', file, '--level', '2', '--quiet', ...lab]);
    const self = [fileURLToPath(import.meta.url), '--rounds', values.rounds, '--inside', file];
    const child = spawn(process.execPath, [cli, 'lab', 'exec', ...lab, '--', process.execPath, ...self], {
      stdio: 'inherit',
    });
    const [code] = await once(child, 'exit');
    process.exitCode = code;
  } finally {
    await exec(process.execPath, [cli, 'lab', 'down', '--quiet', ...lab]).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(file, rounds) {
  await exec(process.execPath, [cli, 'apply', '-y', '--quiet', '-f', file]);
  const { wire } = await import('../dist/index.js');
  const { openLooks } = await import('../dist/cli/looks.js');
  const wired = await wire({ file, overlay: [], strict: false });
  const looks = await openLooks(wired);
  const { signal } = new AbortController();
  await looks.whole(signal);
  const asked = () =>
    [...wired.context.clusters.values()].reduce((sum, item) => sum + item.stats().requests, 0);
  const istioctl = ['--context', 'cluster-1', 'proxy-status'];
  const ways = {
    'istioctl proxy-status': () => exec('istioctl', istioctl),
    'meshplan verify': () => exec(process.execPath, [cli, 'verify', '-f', file]),
    'a look of verify --watch': () => looks.status(signal, { settleMs: 1_000, timeoutMs: 2_500 }),
  };
  const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  const before = asked();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, way] of Object.entries(ways)) {
      const begun = performance.now();
      await way();
      times[name].push(performance.now() - begun);
    }
  }
  const perLook = (asked() - before) / rounds;
  looks.close();
  wired.close();
  const { stdout, stderr } = await exec('istioctl', ['--vklog', '8', ...istioctl], { maxBuffer: 1 << 26 });
  const byHand = (stdout + stderr).match(/klog\tRequest\t/g)?.length ?? 0;
  console.log(`medians of ${rounds} rounds`);
  for (const [name, list] of Object.entries(times)) {
    const median = list.sort((a, b) => a - b)[Math.floor(list.length / 2)];
    console.log(`${name}: ${Math.round(median)} ms`);
  }
  console.log(
    `istioctl proxy-status sends ${byHand} requests, port-forwards among them; a look ${perLook}, and none is a port-forward`,
  );
}
