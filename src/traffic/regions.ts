import { objectPath } from '../cluster/paths.js';
import { getObject } from '../cluster/read.js';
import { messageOf } from '../errors/index.js';
import type { KubeObject } from '../model/kube.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import { interruptible, type TestContext } from './context.js';
import { KINDS } from './kinds.js';
import { whyApart } from './names.js';

const REGION_LABEL = 'topology.kubernetes.io/region';

/** The regions of the nodes on which a cluster's test pods run, from the nodes' own labels: what Istio goes by. */
export interface Regions {
  names: readonly string[];
  /** A node without the label, if any. */
  unlabelled?: string;
  /** Why the nodes could not be read. */
  problem?: string;
}

export const readRegions = (context: TestContext, cluster: string): Promise<Regions> =>
  regionsOf(context, cluster).catch((error: unknown) => {
    context.signal.throwIfAborted();
    return { names: [], problem: messageOf(error) };
  });

async function regionsOf(context: TestContext, cluster: string): Promise<Regions> {
  const nodes = new Set((context.pods.get(cluster) ?? []).map(nodeOf).filter((name) => name !== ''));
  const found = await Promise.all(
    [...nodes].map(async (name) => ({
      name,
      region: regionOf(await getObject(interruptible(context, cluster), objectPath(KINDS.Node, name))),
    })),
  );
  const unlabelled = found.find(({ region }) => region === undefined)?.name;
  const names = [...new Set(found.flatMap(({ region }) => (region === undefined ? [] : [region])))];
  return { names, ...(unlabelled === undefined ? {} : { unlabelled }) };
}

const nodeOf = ({ spec }: KubeObject): string => String((spec as { nodeName?: string }).nodeName ?? '');
const regionOf = (node: KubeObject | undefined): string | undefined => node?.metadata.labels?.[REGION_LABEL];

/** Clusters whose servers a cluster's callers could reach beside its own. */
export const peersOf = ({ mesh, pods }: TestContext, from: ResolvedCluster): ResolvedCluster[] =>
  mesh.clusters.filter(
    (other) => other.name !== from.name && pods.has(other.name) && whyApart(from, other) === undefined,
  );

/** Why locality says nothing about a cluster's callers; undefined where it can be tested. */
export function whyNoLocality(
  from: ResolvedCluster,
  peers: readonly ResolvedCluster[],
  regions: ReadonlyMap<string, Regions>,
): string | undefined {
  if (!from.locality) return `mesh.yaml declares no locality for ${from.name}`;
  if (peers.length === 0) return `${from.name} has no other cluster to prefer its own servers to`;
  const own = regions.get(from.name);
  if (own?.problem !== undefined) return `the nodes of ${from.name} cannot be read: ${own.problem}`;
  if (own?.unlabelled !== undefined)
    return `node ${own.unlabelled} of ${from.name} has no label ${REGION_LABEL}`;
  const twin = peers.find(({ name }) =>
    regions.get(name)?.names.some((region) => own?.names.includes(region)),
  );
  return twin && `${from.name} and ${twin.name} both have nodes in region ${own?.names.join(', ')}`;
}

/** What the nodes say where mesh.yaml says otherwise. */
export function contradiction(
  { name, locality }: ResolvedCluster,
  regions: ReadonlyMap<string, Regions>,
): string | undefined {
  const names = regions.get(name)?.names ?? [];
  if (!locality || names.every((region) => region === locality.region)) return undefined;
  return `mesh.yaml says region ${locality.region}, the nodes of ${name} say ${names.join(', ')}`;
}
