import { matcher } from '../../match/globs.js';
import { suggestion } from '../../match/nearest.js';
import type { WorkloadPatch } from '../../model/mesh.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import { type ManifestObject, manifestObject } from '../manifests/read-objects.js';
import type { ReadWorkload } from '../manifests/read-workloads.js';
import { applyJsonPatch, type PatchTerms } from '../patch/json-patch.js';
import { mergePatch } from '../patch/merge-patch.js';
import { nodeAt, type Path, type SourceNode, textAt } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import { selectClusters } from './selector.js';

/** A patch of a workload, ready to be laid over its objects. */
interface Patch {
  target: WorkloadPatch['target'];
  path: Path;
  clusters: string[];
  fits(item: ManifestObject): boolean;
  /** The object as the patch leaves it: the same for each cluster, so that clusters share it. */
  apply(item: ManifestObject): ManifestObject;
  /** How many objects it was laid over. */
  used(): number;
}

/**
 * The objects of a workload in each of its clusters: `written` with the patches for that cluster laid over, in
 * order. What a patch brings keeps its place in mesh.yaml. A patch that fits nothing, fails, or makes another
 * object of one is reported.
 */
export function patchObjects(
  source: MeshSource,
  all: readonly ResolvedCluster[],
  { workload, index, isWhole }: ReadWorkload,
  clusters: string[],
  written: ManifestObject[],
): Map<string, ManifestObject[]> {
  const patches = (workload.patches ?? []).flatMap((patch, position) => {
    const ready = readPatch(source, all, patch, ['workloads', index, 'patches', position]);
    return ready ? [ready] : [];
  });
  const patched = clusters.map((cluster) => {
    const here = patches.filter((patch) => patch.clusters.includes(cluster));
    return [cluster, here.length === 0 ? written : written.map((item) => patchOne(item, here))] as const;
  });
  // Of objects that could not be read nobody knows whether a patch would fit them.
  if (isWhole && clusters.length > 0) {
    for (const patch of patches) reportUnmatched(source, patch, clusters, written);
  }
  return new Map(patched);
}

const patchOne = (item: ManifestObject, patches: Patch[]): ManifestObject =>
  patches.reduce((before, patch) => (patch.fits(before) ? patch.apply(before) : before), item);

/** Undefined for a patch that does not say, or says twice, what it does. */
function readPatch(
  source: MeshSource,
  all: readonly ResolvedCluster[],
  patch: WorkloadPatch,
  path: Path,
): Patch | undefined {
  const selector = patch.clusters ?? defaults.patchClusters;
  const clusters = selectClusters(source, all, selector, [...path, 'clusters']);
  const change = source.node(...path, 'merge') ?? source.node(...path, 'json');
  if (!isOneChange(source, patch, path) || change === undefined) return undefined;
  const done = new Map<ManifestObject, ManifestObject>();
  const { target } = patch;
  const isNamed = matcher(target.name);
  let hasFailed = false;
  // Where it fails for one object it mostly does for all: one of them is told.
  const tried = (item: ManifestObject) => {
    const before = source.findings.count;
    const patched = hasFailed ? item : applyPatch(source, change, item, path);
    hasFailed ||= source.findings.count > before;
    return patched;
  };
  return {
    target,
    path,
    clusters,
    fits: ({ object: { apiVersion, kind, metadata } }) =>
      kind === target.kind &&
      isNamed(metadata.name) &&
      (target.apiVersion === undefined || apiVersion === target.apiVersion) &&
      (target.namespace === undefined || metadata.namespace === target.namespace),
    apply(item) {
      const known = done.get(item) ?? tried(item);
      done.set(item, known);
      return known;
    },
    used: () => done.size,
  };
}

function isOneChange(source: MeshSource, { merge, json }: WorkloadPatch, path: Path): boolean {
  const dropped = source.dropped(...path);
  if (dropped.includes('merge') || dropped.includes('json')) return false;
  if (merge !== undefined && json !== undefined) {
    const message = 'a patch has either `merge` or `json`, not both';
    source.findings.error('bad-value', source.keyAt(...path, 'json'), message, 'make two patches of it');
    return false;
  }
  if (merge !== undefined || json !== undefined) return true;
  const hint = 'add `merge` (RFC 7386) or `json` (RFC 6902)';
  source.findings.error('missing-key', source.at(...path), 'the patch does not say what it changes', hint);
  return false;
}

function applyPatch(
  source: MeshSource,
  change: SourceNode,
  item: ManifestObject,
  path: Path,
): ManifestObject {
  const { findings } = source;
  const before = findings.count;
  const terms: PatchTerms = {
    code: 'patch-failed',
    what: `${item.object.kind} \`${item.object.metadata.name}\``,
    hint: `compare the operation with ${item.tree.at.file}, and with the patches before this one`,
  };
  const tree =
    change.kind === 'list'
      ? applyJsonPatch(item.tree, change, terms, findings)
      : mergePatch(item.tree, change);
  if (findings.count > before || !keepsIdentity(source, item, tree, path)) return item;
  const patched = manifestObject(tree, findings);
  return patched ? { ...patched, patchedAt: source.at(...path) } : item;
}

const IDENTITY = [['apiVersion'], ['kind'], ['metadata', 'name'], ['metadata', 'namespace']];

/** Another identity is another object: the plan would delete one and make the other. */
function keepsIdentity(source: MeshSource, { tree, object }: ManifestObject, after: SourceNode, path: Path) {
  const changed = IDENTITY.find((field) => textAt(tree, field) !== textAt(after, field));
  if (changed === undefined) return true;
  const name = changed.join('.');
  const message = `the patch changes \`${name}\` of ${object.kind} \`${object.metadata.name}\``;
  const place = nodeAt(after, changed)?.keyAt ?? nodeAt(after, changed)?.at ?? source.at(...path);
  const hint =
    'a patch keeps apiVersion, kind, name and namespace: write another manifest for another object';
  source.findings.error('patch-identity', place, message, hint);
  return false;
}

function reportUnmatched(
  source: MeshSource,
  { target, path, clusters: selected, used }: Patch,
  clusters: string[],
  written: ManifestObject[],
): void {
  if (used() > 0 || selected.length === 0) return;
  if (!selected.some((name) => clusters.includes(name))) {
    const message = `the patch is for ${selected.join(', ')}, and the manifests are for ${clusters.join(', ')}`;
    const hint = 'name clusters that get the manifests, or take the patch out';
    source.findings.error('patch-unmatched', source.at(...path, 'clusters'), message, hint);
    return;
  }
  const message = `no object of the manifests is ${target.kind} \`${target.name}\`${furtherOf(target)}`;
  const { key, hint } = unmatchedPart(target, written);
  source.findings.error('patch-unmatched', source.at(...path, 'target', key), message, hint);
}

function furtherOf({ apiVersion, namespace }: Patch['target']): string {
  const parts = [apiVersion && `of ${apiVersion}`, namespace && `in namespace \`${namespace}\``];
  return parts
    .filter(Boolean)
    .map((part) => ` ${part}`)
    .join('');
}

/** The part of the target that fits nothing, and what is nearest. */
function unmatchedPart({ kind, name, apiVersion }: Patch['target'], written: ManifestObject[]) {
  const objects = written.map(({ object }) => object);
  const ofKind = objects.filter((object) => object.kind === kind);
  if (ofKind.length === 0) {
    return { key: 'kind', hint: suggestion(kind, new Set(objects.map((object) => object.kind))) };
  }
  const isNamed = matcher(name);
  const named = ofKind.filter(({ metadata }) => isNamed(metadata.name));
  if (named.length === 0) {
    return { key: 'name', hint: suggestion(name, new Set(ofKind.map(({ metadata }) => metadata.name))) };
  }
  const ofVersion = named.filter((object) => apiVersion === undefined || object.apiVersion === apiVersion);
  return ofVersion.length === 0
    ? {
        key: 'apiVersion',
        hint: `they are of ${[...new Set(named.map((object) => object.apiVersion))].join(', ')}`,
      }
    : {
        key: 'namespace',
        hint: `they are in ${[...new Set(ofVersion.map(({ metadata }) => metadata.namespace))].join(', ')}`,
      };
}
