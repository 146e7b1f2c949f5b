import type { Diagnostic } from '../model/diagnostic.js';
import type { Facts } from '../model/facts.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';

/**
 * Whether each context leads where it should. Another cluster than the state knows would get the mesh of that
 * one, and so would a cluster of another environment; two names for one cluster would overwrite each other's objects.
 * @param before by cluster, the UID that the state has.
 * @param elsewhere by UID, the environment whose state has that cluster.
 */
export function identityFindings(
  clusters: readonly ResolvedCluster[],
  facts: Facts,
  before: Readonly<Record<string, string>>,
  elsewhere: ReadonlyMap<string, string> = new Map(),
): Diagnostic[] {
  const uidOf = ({ name }: ResolvedCluster) => {
    const known = facts.clusters[name];
    return known?.reachable ? known.uid : undefined;
  };
  return clusters.flatMap((cluster, index) => {
    const uid = uidOf(cluster);
    const known = before[cluster.name];
    if (uid === undefined) return [];
    if (known !== undefined && known !== uid) return [changed(cluster, uid, known)];
    const other = elsewhere.get(uid);
    if (other !== undefined) return [ofOther(cluster, uid, other)];
    const twin = clusters.slice(0, index).find((other) => uidOf(other) === uid);
    return twin ? [twice(cluster, twin, uid)] : [];
  });
}

/**
 * Clusters that have another name now: the names that the state has for them. What they hold is found again
 * under the new one.
 */
export function renamedClusters(facts: Facts, before: Readonly<Record<string, string>>): Set<string> {
  const uids = new Set(
    Object.values(facts.clusters).flatMap((known) => (known.reachable ? [known.uid] : [])),
  );
  return new Set(
    Object.entries(before).flatMap(([name, uid]) => (!facts.clusters[name] && uids.has(uid) ? [name] : [])),
  );
}

const changed = ({ name, context, source }: ResolvedCluster, uid: string, known: string): Diagnostic => ({
  severity: 'error',
  code: 'cluster-changed',
  message: `context ${context} leads to another cluster than before (UID ${uid}, the state has ${known})`,
  hint: `Point the context back. If ${name} was made anew, start a new state: move the state file away or pass --state.`,
  ...source,
});

const ofOther = ({ context, source }: ResolvedCluster, uid: string, environment: string): Diagnostic => ({
  severity: 'error',
  code: 'cluster-of-environment',
  message: `context ${context} leads to a cluster of ${environment} (UID ${uid}), as the state of that environment has it`,
  hint: 'Point the context to a cluster of this environment: two of them in one cluster would take it from each other.',
  ...source,
});

const twice = ({ context, source }: ResolvedCluster, twin: ResolvedCluster, uid: string): Diagnostic => ({
  severity: 'error',
  code: 'cluster-twice',
  message: `context ${context} leads to the same cluster as ${twin.context} (UID ${uid}), which is ${twin.name}`,
  hint: 'Each cluster of the mesh needs a context that leads to it alone.',
  ...source,
});
