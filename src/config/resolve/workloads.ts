import { isDeepStrictEqual } from 'node:util';
import { addressOf, refOf } from '../../model/kube.js';
import type { ResolvedCluster, ResolvedWorkload } from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import type { ReadWorkload } from '../manifests/read-workloads.js';
import { nodeAt } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import { patchObjects } from './patches.js';
import { selectClusters } from './selector.js';

/** A resolved workload with its objects' places still at hand; Namespaces are in it too. */
export interface PlacedWorkload extends Omit<ResolvedWorkload, 'objects' | 'callable'> {
  /** The objects of each of its clusters. Clusters that get the same object share the item. */
  objects: ReadonlyMap<string, ManifestObject[]>;
  /** The objects as they are written, for a workload that no cluster gets. */
  written: ManifestObject[];
}

/** The objects of a workload in one cluster; none where it is not. */
export function objectsIn(workload: PlacedWorkload, cluster: string): ManifestObject[] {
  return workload.objects.get(cluster) ?? [];
}

/** Every object of a workload once, in whichever of its clusters it is. */
export function everyObject({ objects, written }: PlacedWorkload): ManifestObject[] {
  return objects.size === 0 ? written : [...new Set([...objects.values()].flat())];
}

/** The clusters that get an object of a workload. */
export function clustersOf({ objects }: PlacedWorkload, item: ManifestObject): string[] {
  return [...objects].flatMap(([cluster, items]) => (items.includes(item) ? [cluster] : []));
}

/** Works out the clusters of each workload and merges equal objects; unequal ones are reported. */
export function placeWorkloads(
  source: MeshSource,
  all: readonly ResolvedCluster[],
  workloads: ReadWorkload[],
): PlacedWorkload[] {
  const placed = workloads.map((read) => {
    const { workload, index, objects } = read;
    const clusters = selectClusters(source, all, workload.clusters, ['workloads', index, 'clusters']);
    const path = ['workloads', index, 'callableFrom'];
    const callers = workload.callableFrom ? selectClusters(source, all, workload.callableFrom, path) : [];
    if (workload.callableFrom && objects.length > 0 && !objects.some(isService)) {
      const message = `\`${workload.manifests}\` brings no Service that other clusters could call`;
      const finding = { subject: workload.manifests, message, hint: 'add a Service, or take it out' };
      source.findings.lint('nothing-to-call', source.keyAt(...path), finding);
    }
    const written = mergeEqual(objects);
    return {
      manifests: workload.manifests,
      objects: patchObjects(source, all, read, clusters, written),
      written,
      clusters,
      callableFrom: callers.filter((name) => !clusters.includes(name)),
      preventDelete: workload.lifecycle?.preventDelete ?? defaults.preventDelete,
      restart: workload.restart ?? defaults.restart,
      source: source.at('workloads', index),
    };
  });
  checkConflicts(source, placed);
  return placed;
}

/** The workload as compile reads it: plain objects, without the Namespaces that are folded into `namespaces`. */
export function toResolvedWorkload(
  { written: _, ...workload }: PlacedWorkload,
  callable: ResolvedWorkload['callable'],
): ResolvedWorkload {
  const plain = ({ object, tree }: ManifestObject) => ({
    object,
    source: tree.at,
    fieldAt(field: string) {
      const node = nodeAt(tree, field.replaceAll(/\[(\d+)\]/g, '.$1').split('.'));
      return node?.keyAt ?? node?.at;
    },
  });
  const kept = [...workload.objects].map(([cluster, items]) => {
    const objects = items.filter(({ object }) => !isNamespace(object)).map(plain);
    return [cluster, objects] as const;
  });
  return { ...workload, objects: new Map(kept), callable };
}

/** Whether an object is a Namespace; those are merged label by label, not as a whole. */
export function isNamespace(object: { apiVersion: string; kind: string }): boolean {
  return object.kind === 'Namespace' && object.apiVersion === 'v1';
}

/** Whether a manifest's object is a Kubernetes Service. */
export function isService({ object }: ManifestObject): boolean {
  return object.kind === 'Service' && object.apiVersion === 'v1';
}

function mergeEqual(objects: ManifestObject[]): ManifestObject[] {
  const kept = new Map<string, ManifestObject[]>();
  return objects.filter((item) => {
    // Which cluster it is makes no difference here.
    const address = addressOf(refOf('', item.object));
    const same = kept.get(address) ?? [];
    if (same.some((other) => isDeepStrictEqual(other.object, item.object))) return false;
    kept.set(address, [...same, item]);
    return true;
  });
}

function checkConflicts(source: MeshSource, workloads: PlacedWorkload[]): void {
  const first = new Map<string, ManifestObject>();
  const reported = new Set<ManifestObject>();
  for (const workload of workloads) {
    for (const [cluster, objects] of workload.objects) {
      for (const item of objects.filter(({ object }) => !isNamespace(object))) {
        const address = addressOf(refOf(cluster, item.object));
        const other = first.get(address) ?? item;
        first.set(address, other);
        if (reported.has(item) || isDeepStrictEqual(other.object, item.object)) continue;
        reported.add(item);
        reportConflict(source, address, item, other);
      }
    }
  }
}

function reportConflict(
  source: MeshSource,
  address: string,
  item: ManifestObject,
  other: ManifestObject,
): void {
  const { file, line } = other.patchedAt ?? other.tree.at;
  const message = `${address} is declared differently in ${file}:${line}`;
  source.findings.error(
    'conflicting-declaration',
    item.patchedAt ?? item.tree.at,
    message,
    'keep one of the two, or make them equal',
  );
}
