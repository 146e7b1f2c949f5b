import { isDeepStrictEqual } from 'node:util';
import { addressOf, refOf } from '../../model/kube.js';
import type { ResolvedWorkload } from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import type { ReadWorkload } from '../manifests/read-workloads.js';
import type { MeshSource } from './mesh-source.js';
import { selectClusters } from './selector.js';

/** A resolved workload with its objects' places still at hand; Namespaces are in it too. */
export interface PlacedWorkload extends Omit<ResolvedWorkload, 'objects' | 'places'> {
  objects: ManifestObject[];
}

/** Works out the clusters of each workload and merges equal objects; unequal ones are reported. */
export function placeWorkloads(source: MeshSource, workloads: ReadWorkload[]): PlacedWorkload[] {
  const placed = workloads.map(({ workload, index, objects }) => {
    const clusters = selectClusters(source, workload.clusters, ['workloads', index, 'clusters']);
    const path = ['workloads', index, 'callableFrom'];
    const callers = workload.callableFrom ? selectClusters(source, workload.callableFrom, path) : [];
    if (workload.callableFrom && objects.length > 0 && !objects.some(isService)) {
      const message = `\`${workload.manifests}\` brings no Service that other clusters could call`;
      const finding = { subject: workload.manifests, message, hint: 'add a Service, or take it out' };
      source.findings.lint('nothing-to-call', source.keyAt(...path), finding);
    }
    return {
      manifests: workload.manifests,
      objects: mergeEqual(objects),
      clusters,
      callableFrom: callers.filter((name) => !clusters.includes(name)),
      preventDelete: workload.lifecycle?.preventDelete ?? defaults.preventDelete,
      source: source.at('workloads', index),
    };
  });
  checkConflicts(source, placed);
  return placed;
}

/** The workload as compile reads it: plain objects, without the Namespaces that are folded into `namespaces`. */
export function toResolvedWorkload(workload: PlacedWorkload): ResolvedWorkload {
  const kept = workload.objects.filter(({ object }) => !isNamespace(object));
  return { ...workload, objects: kept.map(({ object }) => object), places: kept.map(({ tree }) => tree.at) };
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
  return objects.filter(
    (item, index) => objects.findIndex((other) => isDeepStrictEqual(other.object, item.object)) === index,
  );
}

function checkConflicts(source: MeshSource, workloads: PlacedWorkload[]): void {
  const first = new Map<string, ManifestObject>();
  const reported = new Set<ManifestObject>();
  for (const { clusters, objects } of workloads) {
    for (const item of objects.filter(({ object }) => !isNamespace(object))) {
      for (const cluster of clusters) {
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
  const { file, line } = other.tree.at;
  const message = `${address} is declared differently in ${file}:${line}`;
  source.findings.error(
    'conflicting-declaration',
    item.tree.at,
    message,
    'keep one of the two, or make them equal',
  );
}
