import * as assert from 'uvu/assert';
import { generateRoot, issueIntermediate } from '../../src/pki/index.js';
import type { Lab } from '../support/lab.js';
import { run } from '../support/run.js';

/** What the example asks for, as a person gives it to istioctl. */
const SHARED = [
  'profile=minimal',
  'meshConfig.accessLogFile=/dev/stdout',
  'values.global.meshID=mesh1',
  'values.global.network=network1',
];
const VALUES: Record<string, string[]> = {
  'cluster-1': [
    'values.global.multiCluster.clusterName=cluster-1',
    'values.global.externalIstiod=true',
    'values.pilot.autoscaleMin=3',
    'values.pilot.env.ISTIOD_CUSTOM_HOST=localhost',
  ],
  'cluster-2': [
    'profile=remote',
    'values.global.multiCluster.clusterName=cluster-2',
    'values.global.remotePilotAddress=localhost',
    'values.istiodRemote.injectionURL=https://localhost:15017/inject/cluster/cluster-2/net/network1',
  ],
};

/**
 * The mesh of the first example made without meshplan: namespaces and certificates by kubectl, Istio by
 * `istioctl manifest generate` and `kubectl apply` (in the primary from the client's side, in the remote from
 * the server's and in the name of Helm), and a remote secret by `istioctl create-remote-secret`.
 */
export async function installByHand(lab: Lab): Promise<void> {
  const root = await generateRoot({
    organization: 'By hand',
    commonName: 'Root by hand',
    validityDays: 900,
    keyBits: 2048,
  });
  for (const cluster of ['cluster-1', 'cluster-2']) {
    const annotations =
      cluster === 'cluster-2' ? { 'topology.istio.io/controlPlaneClusters': 'cluster-1' } : {};
    const data = await issueIntermediate({
      root,
      cluster,
      organization: 'By hand',
      validityDays: 800,
      keyBits: 2048,
    });
    await apply(lab, cluster, [
      namespace('istio-system', { 'topology.istio.io/network': 'network1' }, annotations),
      namespace('production', { 'istio-injection': 'enabled', team: 'shop' }),
      object('Secret', 'cacerts', { stringData: data }),
    ]);
  }
  await apply(lab, 'cluster-1', [EXPOSURE]);
  await install(lab, 'cluster-1', []);
  await install(lab, 'cluster-2', ['--server-side', '--field-manager=helm']);
  const secret = await istioctl(lab, [
    'create-remote-secret',
    '--context',
    'cluster-2',
    '--name',
    'cluster-2',
  ]);
  await lab.kubectl('cluster-1', 'apply', '-f', await lab.write('remote-secret.yaml', secret));
}

const object = (kind: string, name: string, rest: object) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'istio-system' },
  ...rest,
});

const namespace = (name: string, labels: object, annotations: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels, annotations },
});

const EXPOSURE = object('Service', 'istiod-external', {
  spec: {
    type: 'LoadBalancer',
    selector: { app: 'istiod', 'istio.io/rev': 'default' },
    ports: [
      { name: 'https-dns', port: 15012 },
      { name: 'https-webhook', port: 15017 },
    ],
  },
});

async function apply(lab: Lab, cluster: string, items: object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items };
  await lab.kubectl(cluster, 'apply', '-f', await lab.write('by-hand.json', JSON.stringify(list)));
}

async function install(lab: Lab, cluster: string, flags: string[]): Promise<void> {
  const sets = [...SHARED, ...(VALUES[cluster] ?? [])].flatMap((value) => ['--set', value]);
  const manifest = await istioctl(lab, ['manifest', 'generate', ...sets]);
  const file = await lab.write(`${cluster}.yaml`, flags.length > 0 ? asOfHelm(manifest) : manifest);
  await lab.kubectl(cluster, 'apply', ...flags, '-f', file);
}

/** Helm names its release, where istioctl always says `istio`. */
const asOfHelm = (manifest: string) =>
  manifest.replaceAll(/(app\.kubernetes\.io\/instance|release): "?istio"?$/gm, '$1: istio-remote');

async function istioctl(lab: Lab, args: string[]): Promise<string> {
  const answer = await run(['istioctl', ...args], { cwd: lab.folder, env: lab.env });
  assert.is(answer.code, 0, answer.stderr);
  return answer.stdout;
}
