import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CaKeyPair, generateRoot, issueIntermediate } from '../../src/pki/index.js';
import { inLab, openCluster } from './lab-support.js';

/** istioctl `--set` values of both clusters for what their load balancer answers. */
export interface HandMadeMesh {
  primary: string[];
  remote: string[];
}

/** For a lab that answers `localhost`. */
const BEHIND_LOCALHOST: HandMadeMesh = {
  primary: ['values.pilot.env.ISTIOD_CUSTOM_HOST=localhost'],
  remote: [
    'values.global.remotePilotAddress=localhost',
    'values.istiodRemote.injectionURL=https://localhost:15017/inject/cluster/cluster-2/net/network1',
  ],
};

const SHARED = [
  'meshConfig.accessLogFile=/dev/stdout',
  'values.global.meshID=mesh1',
  'values.global.network=network1',
];

/**
 * The mesh of the first example made without meshplan, as what the lab must be able to carry and an adoption
 * finds: namespaces and certificates by kubectl, Istio by `istioctl manifest generate` and `kubectl apply` (in
 * the primary from the client's side, in the remote from the server's and in the name of Helm), and a remote
 * secret by `istioctl create-remote-secret`.
 */
export async function makeMesh(dir: string, mesh: HandMadeMesh = BEHIND_LOCALHOST): Promise<CaKeyPair> {
  const root = await newRoot();
  for (const cluster of ['cluster-1', 'cluster-2']) {
    const annotations =
      cluster === 'cluster-2' ? { 'topology.istio.io/controlPlaneClusters': 'cluster-1' } : {};
    await apply(dir, cluster, [
      namespace('istio-system', { 'topology.istio.io/network': 'network1' }, annotations),
      namespace('production', { 'istio-injection': 'enabled', team: 'shop' }),
      await cacerts(cluster, root),
    ]);
  }
  await apply(dir, 'cluster-1', [exposure]);
  const ofPrimary = ['profile=minimal', 'values.global.externalIstiod=true', 'values.pilot.autoscaleMin=3'];
  const primary = await manifest(dir, 'cluster-1', [...ofPrimary, ...mesh.primary]);
  await kubectl(dir, 'cluster-1', ['apply', '-f', '-'], primary);
  const remote = asOfHelm(await manifest(dir, 'cluster-2', ['profile=remote', ...mesh.remote]));
  await kubectl(dir, 'cluster-2', ['apply', '--server-side', '--field-manager=helm', '-f', '-'], remote);
  const secret = await inLab(dir, 'istioctl', [
    'create-remote-secret',
    '--context',
    'cluster-2',
    '--name',
    'cluster-2',
  ]);
  await kubectl(dir, 'cluster-1', ['apply', '-f', '-'], secret);
  return root;
}

export const newRoot = () =>
  generateRoot({ organization: 'Lab', commonName: 'Lab root', validityDays: 900, keyBits: 2048 });

const namespace = (name: string, labels: object, annotations: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels, annotations },
});

export async function cacerts(cluster: string, root: CaKeyPair): Promise<object> {
  const data = await issueIntermediate({
    root,
    cluster,
    organization: 'Lab',
    validityDays: 800,
    keyBits: 2048,
  });
  const metadata = { name: 'cacerts', namespace: 'istio-system' };
  return { apiVersion: 'v1', kind: 'Secret', metadata, stringData: data };
}

const exposure = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'istiod-external', namespace: 'istio-system' },
  spec: {
    type: 'LoadBalancer',
    selector: { app: 'istiod', 'istio.io/rev': 'default' },
    ports: [
      { name: 'https-dns', port: 15012 },
      { name: 'https-webhook', port: 15017 },
    ],
  },
};

function manifest(dir: string, cluster: string, values: string[]): Promise<string> {
  const sets = [...SHARED, `values.global.multiCluster.clusterName=${cluster}`, ...values];
  return inLab(dir, 'istioctl', ['manifest', 'generate', ...sets.flatMap((item) => ['--set', item])]);
}

/** Helm names its release, where istioctl always says `istio`. */
const asOfHelm = (text: string) =>
  text.replaceAll(/(app\.kubernetes\.io\/instance|release): "?istio"?$/gm, '$1: istio-remote');

export function kubectl(dir: string, cluster: string, args: string[], input?: string): Promise<string> {
  return inLab(dir, 'kubectl', ['--context', cluster, ...args], input);
}

export async function apply(dir: string, cluster: string, objects: object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items: objects };
  // A file, for a Secret on a command line or in a pipe's error text would be one too many.
  const folder = mkdtempSync(join(tmpdir(), 'meshplan-lab-objects-'));
  try {
    const file = join(folder, 'objects.json');
    writeFileSync(file, JSON.stringify(list), { mode: 0o600 });
    await kubectl(dir, cluster, ['apply', '-f', file]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** istiod's own view of its clusters, through the API server's proxy to one of its pods. */
export async function clusterz(dir: string): Promise<{ id: string; syncStatus: string }[]> {
  const pods = await istiodPods(dir);
  const name = pods.find((pod) => pod.ready)?.name;
  if (!name) return [];
  const path = `/api/v1/namespaces/istio-system/pods/${name}:8080/proxy/debug/clusterz`;
  const { body } = await openCluster(dir, 'cluster-1').request(path);
  return (typeof body === 'string' ? JSON.parse(body) : body) as { id: string; syncStatus: string }[];
}

export async function istiodPods(dir: string): Promise<{ name: string; ready: boolean; restarts: number }[]> {
  const path = '/api/v1/namespaces/istio-system/pods?labelSelector=app=istiod';
  const { body } = await openCluster(dir, 'cluster-1').request(path);
  const { items } = body as {
    items: {
      metadata: { name: string };
      status: {
        conditions?: { type: string; status: string }[];
        containerStatuses?: { restartCount: number }[];
      };
    }[];
  };
  return items.map(({ metadata, status }) => ({
    name: metadata.name,
    ready: status.conditions?.some((item) => item.type === 'Ready' && item.status === 'True') ?? false,
    restarts: status.containerStatuses?.[0]?.restartCount ?? 0,
  }));
}

interface Env {
  name: string;
  value?: string;
}

/** What the sidecar of a new pod would say about itself; undefined when none is injected. */
export async function injectedCluster(dir: string, cluster: string): Promise<string | undefined> {
  const { body } = await openCluster(dir, cluster).request('/api/v1/namespaces/production/pods?dryRun=All', {
    method: 'POST',
    body: { metadata: { name: 'trial' }, spec: { containers: [{ name: 'app', image: 'app' }] } },
  });
  const { spec } = body as {
    spec: { containers: { name: string; env?: Env[] }[]; initContainers?: { name: string; env?: Env[] }[] };
  };
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  const proxy = all.find((container) => container.name === 'istio-proxy');
  return proxy?.env?.find((item) => item.name === 'ISTIO_META_CLUSTER_ID')?.value;
}
