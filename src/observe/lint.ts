import { objectPath, resourceFor } from '../cluster/paths.js';
import { getObject, listObjects } from '../cluster/read.js';
import { orUnread } from '../cluster/unread.js';
import type { Facts, ReachableCluster } from '../model/facts.js';
import type { Cluster, KubeObject, Unread } from '../model/kube.js';
import { keyOf, type LintNeeds, type LintReading } from '../model/lint.js';
import { lostBecause } from './observe.js';

const TRAFFIC_API = 'networking.istio.io/v1';

interface Place {
  cluster: Cluster;
  facts: ReachableCluster;
  unread: Unread[];
}

/** Reads what lint rules want to know, all at once. What is not shown is noted and left out. */
export async function observeLint(
  needs: LintNeeds,
  { facts, clusters }: { facts: Facts; clusters: ReadonlyMap<string, Cluster> },
): Promise<LintReading> {
  const unread: Unread[] = [];
  const read = async <Item extends { cluster: string }, Value>(
    items: Item[],
    key: (item: Item) => string,
    look: (place: Place, item: Item) => Promise<Value>,
  ): Promise<Map<string, Value>> => {
    const found = await Promise.all(
      items.map(async (item) => {
        const [cluster, known] = [clusters.get(item.cluster), facts.clusters[item.cluster]];
        if (!cluster || !known?.reachable) return [];
        const notes: Unread[] = [];
        const value = await look({ cluster, facts: known, unread: notes }, item);
        unread.push(...notes);
        return notes.length > 0 ? [] : [[key(item), value] as const];
      }),
    );
    return new Map(found.flat());
  };
  const byName = (names: string[]) => names.map((cluster) => ({ cluster }));
  const nameOf = ({ cluster }: { cluster: string }) => cluster;
  const [rules, nodes, services, pods] = await Promise.all([
    read(byName(needs.rules), nameOf, readRules),
    read(byName(needs.nodes), nameOf, (place) => list(place, 'v1', 'Node', { metadataOnly: true })),
    read(needs.services, keyOf, (place, { host }) => readService(place, host)),
    read(needs.pods, keyOf, (place, { host, selector }) =>
      list(place, 'v1', 'Pod', {
        namespace: host.split('.')[1] ?? '',
        labelSelector: selector,
        metadataOnly: true,
      }),
    ),
  ]);
  return { rules, nodes, services, pods, unread };
}

async function readRules(place: Place): Promise<KubeObject[]> {
  const kinds = ['VirtualService', 'DestinationRule'];
  return (await Promise.all(kinds.map((kind) => list(place, TRAFFIC_API, kind)))).flat();
}

async function readService(place: Place, host: string): Promise<KubeObject | undefined> {
  const [name = '', namespace = ''] = host.split('.');
  const ref = { cluster: place.cluster.name, apiVersion: 'v1', kind: 'Service', name, namespace };
  const resource = resourceFor(place.facts.resources, ref);
  if (!resource || !place.facts.namespaces.has(namespace)) return undefined;
  return orNoted(place, ref, () => getObject(place.cluster, objectPath(resource, name, namespace)));
}

async function list(
  place: Place,
  apiVersion: string,
  kind: string,
  options: Parameters<typeof listObjects>[2] = {},
): Promise<KubeObject[]> {
  const { cluster, facts } = place;
  const resource = resourceFor(facts.resources, { apiVersion, kind });
  if (!resource) return [];
  const ref = { cluster: cluster.name, apiVersion, kind };
  return (await orNoted(place, ref, () => listObjects(cluster, resource, options))) ?? [];
}

/** A finding more or less is no reason to give up a plan, so a cluster that goes silent is noted as well. */
async function orNoted<Value>(
  { unread }: Place,
  ref: Omit<Unread, 'reason' | 'message'>,
  look: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await orUnread(ref, unread, look);
  } catch (error) {
    unread.push({ ...ref, reason: 'server-error', message: lostBecause(error).message });
    return undefined;
  }
}
