// The main job on the embedded lab: two real Kubernetes control planes become one Istio mesh.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { ensureLabBinaries, meshplan, ROOT, setUp } from './setup.mjs';

const { values } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});
if (values.help) {
  console.log('npm run demo [-- --keep]\n\n  --keep  leave the clusters running and say how to end them');
  process.exit(0);
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop.abort());

const folder = await mkdtemp(join(tmpdir(), 'meshplan-demo-'));
const lab = join(folder, '.meshplan', 'lab');
const step = (text) => console.log(`\n── ${text}`);
let code = 1;
let started = false;
try {
  await setUp(stop.signal);
  await ensureLabBinaries(stop.signal);
  await cp(`${ROOT}examples/primary-remote`, folder, { recursive: true });
  code = await demo();
} catch (error) {
  if (!stop.signal.aborted)
    console.error(`demo: ${error.message}${error.hint ? `\n  hint: ${error.hint}` : ''}`);
} finally {
  await cleanUp();
}
process.exit(stop.signal.aborted ? 130 : code);

async function demo() {
  const file = ['-f', join(folder, 'mesh.yaml')];
  step('Two real Kubernetes control planes (meshplan lab up)');
  started = true;
  if (await failed(['lab', 'up', ...file, '--dir', lab])) return 1;
  step('What has to be done, doing it, and proving it (meshplan apply)');
  if (await failed(inLab('apply', '-y', ...file))) return 1;
  step('A second look finds nothing to do (meshplan plan --detailed-exitcode)');
  if (await failed(inLab('plan', '--detailed-exitcode', '--quiet', ...file))) return 1;
  step('Pods of both clusters, each with its sidecar');
  for (const cluster of ['cluster-1', 'cluster-2']) {
    await meshplan([
      'lab',
      'exec',
      '--dir',
      lab,
      '--',
      'kubectl',
      '--context',
      cluster,
      '-n',
      'production',
      'get',
      'pods',
      '-o',
      'wide',
    ]);
  }
  return 0;
}

function inLab(...args) {
  return ['lab', 'exec', '--dir', lab, '--', process.execPath, `${ROOT}bin/meshplan.js`, ...args];
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
kubectl    node bin/meshplan.js lab exec --dir ${lab} -- kubectl --context cluster-2 get pods -A
verify     node bin/meshplan.js lab exec --dir ${lab} -- node bin/meshplan.js verify -f ${folder}/mesh.yaml
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
