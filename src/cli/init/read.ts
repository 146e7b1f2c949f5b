import { getObject } from '../../cluster/read.js';
import { messageOf } from '../../errors/index.js';
import type { Cluster, KubeObject } from '../../model/kube.js';
import { INJECTOR_WEBHOOK, ISTIO_NAMESPACE, NETWORK_LABEL } from '../../model/names.js';

/** What a cluster tells about itself, as far as it may be asked. */
export interface ClusterReading {
  context: string;
  server: string;
  /** Whether the server's URL leads other clusters nowhere. */
  loopback: boolean;
  /** Why it could not be read at all. */
  error?: string;
  /** UID of its `kube-system`: two contexts may lead to one cluster. */
  uid?: string;
  /** Regions and zones of its nodes, the most frequent first. */
  regions: string[];
  zones: string[];
  podCidrs: string[];
  /** Label of `istio-system`, or what an installed Istio says. */
  network?: string;
  istio?: { version: string; revision: string; meshId?: string };
}

/** Nodes are many and alike: the first pages of them tell enough. */
const NODES = '500';

/** Asks one cluster; one that does not answer is told so, and a question that is forbidden is left out. */
export async function readCluster(
  cluster: Cluster,
  about: Pick<ClusterReading, 'context' | 'loopback'>,
): Promise<ClusterReading> {
  const empty = { ...about, server: cluster.server, regions: [], zones: [], podCidrs: [] };
  try {
    await cluster.request('/version');
  } catch (error) {
    return { ...empty, error: messageOf(error).split('\n')[0] ?? '' };
  }
  const [home, nodes, namespace, injector, istiods] = await Promise.all([
    unlessRefused(getObject(cluster, '/api/v1/namespaces/kube-system')),
    unlessRefused(list(cluster, '/api/v1/nodes', { limit: NODES })),
    unlessRefused(getObject(cluster, `/api/v1/namespaces/${ISTIO_NAMESPACE}`)),
    unlessRefused(getObject(cluster, `/api/v1/namespaces/${ISTIO_NAMESPACE}/configmaps/${INJECTOR_WEBHOOK}`)),
    unlessRefused(
      list(cluster, `/apis/apps/v1/namespaces/${ISTIO_NAMESPACE}/deployments`, {
        labelSelector: 'app=istiod',
      }),
    ),
  ]);
  const values = globalValues(injector);
  const network = namespace?.metadata.labels?.[NETWORK_LABEL] ?? values.network;
  const istio = istioOf(istiods?.[0], values.meshID);
  return {
    ...empty,
    ...(home?.metadata.uid ? { uid: home.metadata.uid } : {}),
    ...describeNodes(nodes ?? []),
    ...(network ? { network } : {}),
    ...(istio ? { istio } : {}),
  };
}

const unlessRefused = <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch(() => undefined);

async function list(cluster: Cluster, path: string, query: Record<string, string>): Promise<KubeObject[]> {
  return ((await cluster.request(path, { query })).body as { items?: KubeObject[] }).items ?? [];
}

/** Where the nodes are, and the ranges of their pods. */
export function describeNodes(nodes: KubeObject[]): Pick<ClusterReading, 'regions' | 'zones' | 'podCidrs'> {
  const labels = (name: string) =>
    byFrequency(nodes.flatMap(({ metadata }) => metadata.labels?.[`topology.kubernetes.io/${name}`] || []));
  const cidrs = nodes.flatMap(({ spec }) => {
    const { podCIDR, podCIDRs } = (spec ?? {}) as { podCIDR?: string; podCIDRs?: string[] };
    return podCIDRs ?? podCIDR ?? [];
  });
  return { regions: labels('region'), zones: labels('zone'), podCidrs: [...new Set(cidrs)] };
}

function byFrequency(values: string[]): string[] {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one).map(([value]) => value);
}

/** The injector's own copy of the chart's values: JSON in a ConfigMap. */
function globalValues(injector: KubeObject | undefined): { meshID?: string; network?: string } {
  try {
    const { values } = (injector?.data ?? {}) as { values?: string };
    return (JSON.parse(values ?? '{}') as { global?: { meshID?: string; network?: string } }).global ?? {};
  } catch {
    return {};
  }
}

function istioOf(istiod: KubeObject | undefined, meshId: string | undefined): ClusterReading['istio'] {
  if (!istiod) return undefined;
  const labels = istiod.metadata.labels ?? {};
  const { spec } = istiod as { spec?: { template?: { spec?: { containers?: { image?: string }[] } } } };
  const tag = /:(\d+\.\d+[^:@/]*)$/.exec(spec?.template?.spec?.containers?.[0]?.image ?? '')?.[1];
  const label = labels['app.kubernetes.io/version'];
  // Charts between releases carry 1.0.0, which means nothing.
  const version = tag ?? (label === '1.0.0' ? undefined : label) ?? 'of an unknown version';
  return { version, revision: labels['istio.io/rev'] ?? 'default', ...(meshId ? { meshId } : {}) };
}
