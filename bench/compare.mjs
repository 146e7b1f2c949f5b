// meshplan beside the same work by hand (istioctl and kubectl), on one lab, in one run.
// Usage: node bench/compare.mjs [--rounds N]. Prints medians, ratios, requests and connections.
import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { ROOT, setUp } from '../scripts/setup.mjs';

const exec = promisify(execFile);
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' } } });
const rounds = Number(values.rounds);
await setUp();

const folder = await mkdtemp(join(tmpdir(), 'meshplan-bench-'));
const lab = join(folder, '.meshplan', 'lab');
const cli = join(ROOT, 'bin', 'meshplan.js');
const first = { hand: [], meshplan: [] };
const noop = { hand: [], meshplan: [] };
let requests = '';
try {
  await cp(join(ROOT, 'examples', 'primary-remote'), folder, { recursive: true });
  for (let round = 0; round < rounds; round += 1) {
    // Turns change places, so that neither always finds the machine warm.
    for (const way of round % 2 === 0 ? ['meshplan', 'hand'] : ['hand', 'meshplan']) {
      await meshplan('lab', 'up', '-f', join(folder, 'mesh.yaml'), '--dir', lab, '--quiet');
      await (way === 'hand' ? roundByHand() : roundWithMeshplan());
      await meshplan('lab', 'down', '--dir', lab, '--quiet');
      await rm(join(folder, 'meshplan.state.json'), { force: true });
    }
  }
  report();
} finally {
  await meshplan('lab', 'down', '--dir', lab, '--quiet').catch(() => {});
  await rm(folder, { recursive: true, force: true });
}

function report() {
  const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const line = (name, { hand, meshplan: own }) =>
    `${name}: by hand ${median(hand).toFixed(2)} s, meshplan ${median(own).toFixed(2)} s, ratio ${(median(own) / median(hand)).toFixed(2)}`;
  console.log(`medians of ${rounds} rounds`);
  console.log(line('first apply, up to the remote secret', first));
  console.log(line('nothing to do (kubectl diff --server-side; meshplan plan)', noop));
  console.log(requests.trim());
}

function meshplan(...args) {
  return exec(process.execPath, [cli, ...args], { maxBuffer: 1 << 28 });
}

/** A command in the environment that `lab exec` sets, without the cost of `lab exec` itself. */
function inLab([program, ...args], input, okCodes = [0]) {
  const env = {
    ...process.env,
    KUBECONFIG: join(lab, 'kubeconfig'),
    PATH: `${join(lab, 'bin')}:${process.env.PATH}`,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error && !okCodes.includes(error.code))
        reject(new Error(`${program} ${args.join(' ')}: ${stderr}`));
      else resolve({ stdout, stderr });
    });
    child.stdin.end(input ?? '');
  });
}

async function timed(list, work) {
  const begun = performance.now();
  await work();
  list.push((performance.now() - begun) / 1_000);
}

async function roundWithMeshplan() {
  const file = ['-f', join(folder, 'mesh.yaml')];
  const begun = performance.now();
  const { stdout } = await inLab([process.execPath, cli, 'apply', '-y', '-o', 'json', ...file]);
  const total = (performance.now() - begun) / 1_000;
  const events = stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text));
  const at = (event) => Date.parse(event.time) / 1_000;
  const federated = events.find(
    (event) => event.type === 'action.done' && event.action.includes('/federate/'),
  );
  // What came after the remote secret (workloads, verification) is not part of the comparison.
  first.meshplan.push(total - (at(events.at(-1)) - at(federated)));
  for (let turn = 0; turn < 3; turn += 1) {
    await timed(noop.meshplan, async () => {
      const { stderr } = await inLab([process.execPath, cli, 'plan', '--verbose', ...file]);
      requests = stderr
        .split('\n')
        .filter((text) => text.includes('requests over'))
        .map((text) => `plan, ${text}`)
        .join('\n');
    });
  }
}

/** The guide's steps, mended where it fails; the certificates are made beforehand and not counted. */
async function roundByHand() {
  await makeCertificates();
  const operators = Object.fromEntries([1, 2].map((index) => [index, operatorOf(index)]));
  const rendered = {};
  await timed(first.hand, async () => {
    for (const index of [1, 2]) await prepareCluster(index);
    await kubectl(1, ['apply', '--server-side', '-f', '-'], exposure());
    await kubectl(1, [
      '-n',
      'istio-system',
      'wait',
      '--for=jsonpath={.status.loadBalancer.ingress}',
      'service/istiod-external',
    ]);
    for (const index of [1, 2]) {
      rendered[index] = (
        await inLab(['istioctl', 'manifest', 'generate', '-f', '-'], operators[index])
      ).stdout;
      await kubectl(index, ['apply', '--server-side', '-f', '-'], rendered[index]);
      if (index === 1) await kubectl(1, ['-n', 'istio-system', 'rollout', 'status', 'deployment/istiod']);
    }
    const secret = await inLab([
      'istioctl',
      'create-remote-secret',
      '--context=cluster-2',
      '--name=cluster-2',
    ]);
    await kubectl(1, ['apply', '--server-side', '-f', '-'], secret.stdout);
  });
  for (let turn = 0; turn < 3; turn += 1) {
    await timed(noop.hand, async () => {
      for (const index of [1, 2]) {
        const { stdout } = await inLab(['istioctl', 'manifest', 'generate', '-f', '-'], operators[index]);
        // 1 means that something differs; istiod's own fields do.
        await inLab(
          [
            'kubectl',
            '--context',
            `cluster-${index}`,
            'diff',
            '--server-side',
            '--force-conflicts',
            '-f',
            '-',
          ],
          stdout,
          [0, 1],
        );
      }
    });
  }
}

function kubectl(index, args, input) {
  return inLab(['kubectl', '--context', `cluster-${index}`, ...args], input);
}

async function prepareCluster(index) {
  await kubectl(index, ['create', 'namespace', 'istio-system']);
  const files = ['ca-cert.pem', 'ca-key.pem', 'root-cert.pem', 'cert-chain.pem'].map(
    (name) => `--from-file=${join(folder, name)}`,
  );
  await kubectl(index, ['-n', 'istio-system', 'create', 'secret', 'generic', 'cacerts', ...files]);
  await kubectl(index, ['label', 'namespace', 'istio-system', 'topology.istio.io/network=network1']);
  if (index === 2)
    await kubectl(2, [
      'annotate',
      'namespace',
      'istio-system',
      'topology.istio.io/controlPlaneClusters=cluster-1',
    ]);
}

async function makeCertificates() {
  const { generateRoot, issueIntermediate } = await import('../dist/pki/index.js');
  const root = await generateRoot({
    organization: 'bench',
    commonName: 'root',
    validityDays: 10,
    keyBits: 2048,
  });
  const made = await issueIntermediate({
    root,
    cluster: 'bench',
    organization: 'bench',
    validityDays: 5,
    keyBits: 2048,
  });
  for (const name of ['ca-cert.pem', 'ca-key.pem', 'root-cert.pem', 'cert-chain.pem']) {
    await writeFile(join(folder, name), made[name], { mode: 0o600 });
  }
}

function operatorOf(index) {
  const global = { meshID: 'mesh1', network: 'network1', multiCluster: { clusterName: `cluster-${index}` } };
  const primary = {
    global: { ...global, externalIstiod: true },
    pilot: { autoscaleMin: 3, env: { ISTIOD_CUSTOM_HOST: 'localhost' } },
  };
  const remote = {
    global: { ...global, remotePilotAddress: 'localhost' },
    istiodRemote: { injectionURL: 'https://localhost:15017/inject/cluster/cluster-2/net/network1' },
  };
  return JSON.stringify({
    apiVersion: 'install.istio.io/v1alpha1',
    kind: 'IstioOperator',
    metadata: { name: `cluster-${index}` },
    spec: index === 1 ? { profile: 'minimal', values: primary } : { profile: 'remote', values: remote },
  });
}

/** Service istiod-external. */
function exposure() {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'istiod-external', namespace: 'istio-system' },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'istiod' },
      ports: [
        { name: 'https-dns', port: 15012, targetPort: 15012 },
        { name: 'https-webhook', port: 15017, targetPort: 15017 },
      ],
    },
  });
}
