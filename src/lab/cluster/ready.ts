import { ApiError, UnreachableError } from '../../errors/index.js';
import type { Cluster } from '../../model/kube.js';
import { answers, type LabApi } from '../api.js';
import type { ClusterState } from '../state.js';
import { waitFor } from '../wait.js';
import { isDnsAvailable } from './dns.js';
import { nodeNames } from './nodes.js';
import type { Start } from './programs.js';

const INTERVAL_MS = 75;
const TIMEOUT_MS = 120_000;

/** Namespaces that every API server makes; controllers put a ServiceAccount and the CA into each. */
const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/** The kinds that a starting control plane fills. */
const LISTED = [
  '/api/v1/namespaces',
  '/api/v1/configmaps',
  '/api/v1/serviceaccounts',
  '/api/v1/services',
  '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  '/apis/rbac.authorization.k8s.io/v1/roles',
  '/apis/rbac.authorization.k8s.io/v1/rolebindings',
  '/apis/scheduling.k8s.io/v1/priorityclasses',
  '/apis/apiregistration.k8s.io/v1/apiservices',
  '/apis/networking.k8s.io/v1/servicecidrs',
  '/apis/coordination.k8s.io/v1/leases',
];

/**
 * Waits until the cluster is at rest: `/readyz` agrees, controllers have filled the first namespaces,
 * the nodes take pods, and two listings in a row name the same objects. Real nodes have a DNS as well.
 */
export async function waitUntilReady({ cluster, began, signal, onEvent }: Start, api: LabApi): Promise<void> {
  const wait = async (what: string, ask: () => Promise<boolean>) => {
    if (await tolerant(ask)) return;
    // Level 1 is there within seconds.
    if (cluster.level === 2)
      onEvent({ type: 'cluster.waiting', cluster: cluster.name, message: `Waiting for ${what}.` });
    await waitFor(() => tolerant(ask), {
      what: `${cluster.name}: ${what}`,
      intervalMs: INTERVAL_MS,
      timeoutMs: TIMEOUT_MS,
      signal,
    });
  };
  await wait('a ready API server', () => answers(api, '/readyz', signal));
  await wait('the first namespaces with their ServiceAccounts', () => areNamespacesFilled(api.cluster));
  await wait('ready nodes', () => areNodesReady(api.cluster, cluster));
  if (cluster.level === 2) await wait('its DNS', () => isDnsAvailable(api.cluster, began));
  let previous = '';
  await wait('a steady listing of all objects', async () => {
    const current = await listing(api.cluster);
    const steady = current === previous;
    previous = current;
    return steady;
  });
}

/** While an API server starts, it refuses, forgets and fails; that is an answer of "not yet". */
async function tolerant(ask: () => Promise<boolean>): Promise<boolean> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ApiError || error instanceof UnreachableError) return false;
    throw error;
  }
}

interface Listing {
  items: {
    metadata: { name: string; namespace?: string };
    spec?: { taints?: unknown[] };
    status?: { conditions?: { type: string; status: string }[] };
  }[];
}

async function list(api: Cluster, path: string): Promise<Listing['items']> {
  return ((await api.request(path)).body as Listing).items;
}

async function areNamespacesFilled(api: Cluster): Promise<boolean> {
  const [accounts, configMaps] = await Promise.all([
    list(api, '/api/v1/serviceaccounts?fieldSelector=metadata.name=default'),
    list(api, '/api/v1/configmaps?fieldSelector=metadata.name=kube-root-ca.crt'),
  ]);
  return [accounts, configMaps].every((items) =>
    NAMESPACES.every((name) => items.some((item) => item.metadata.namespace === name)),
  );
}

async function areNodesReady(api: Cluster, state: ClusterState): Promise<boolean> {
  const nodes = await list(api, '/api/v1/nodes');
  const ready = nodes.filter((node) => {
    const condition = node.status?.conditions?.find((item) => item.type === 'Ready');
    return condition?.status === 'True' && (node.spec?.taints ?? []).length === 0;
  });
  return ready.length >= nodeNames(state).length;
}

async function listing(api: Cluster): Promise<string> {
  const lists = await Promise.all(LISTED.map((path) => list(api, path)));
  return lists
    .flatMap((items) => items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`).sort())
    .join('\n');
}
