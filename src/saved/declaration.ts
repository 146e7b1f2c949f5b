import { isSensitive } from '../diff/mask.js';
import type { DesiredAction } from '../model/action.js';
import { addressOf, type KubeObject, refOf } from '../model/kube.js';
import type { ResolvedEnvironment, ResolvedMesh } from '../model/resolved-mesh.js';
import { digestOf } from './canonical.js';

/**
 * A digest for each part of what a declaration came to. `actions` must be compiled without what the
 * clusters told, such as addresses and certificates, so that equal inputs give equal digests at any time.
 */
export function digestDeclaration(mesh: ResolvedMesh, actions: DesiredAction[]): Record<string, string> {
  const objects = actions.flatMap((action) =>
    action.objects.map(({ cluster, object }) => [addressOf(refOf(cluster, object)), digestObject(object)]),
  );
  return Object.fromEntries([...objects, ...partsOf(mesh)]);
}

/** Of a Secret only what names it: its data, and copies of it in annotations, leave no trace. */
function digestObject(object: KubeObject): string {
  if (!isSensitive(object)) return digestOf(object);
  const { apiVersion, kind, type, metadata } = object;
  const { annotations: _, ...names } = metadata;
  return digestOf({ apiVersion, kind, type, metadata: names });
}

/** What mesh.yaml says that no object shows before it is applied. */
function partsOf({ trust, clusters, fenced, environment }: ResolvedMesh): [string, string][] {
  const { keyFile: _key, certFile: _cert, ...root } = trust.root;
  return [
    ...(environment ? [environmentPart(environment)] : []),
    ['spec.trust', digestOf({ ...trust, root })],
    ...clusters.map(({ name, role, primary, network, apiServer }): [string, string] => [
      `spec.clusters.${name}`,
      digestOf({ role, primary, network, apiServer }),
    ]),
    ...fenced.map(({ name, primary, since }): [string, string] => [
      `spec.clusters.${name}`,
      digestOf({ primary, since }),
    ]),
  ];
}

/** What another environment has to prove is approved with the plan. */
function environmentPart({ name, requires }: ResolvedEnvironment): [string, string] {
  const { source: _, report, ...asked } = requires ?? {};
  return [`spec.environments.${name}`, digestOf({ ...asked, report: report?.shown })];
}

/**
 * The parts in which two declarations differ. Parts of clusters in `unread` are left out, for what such a
 * cluster serves decides the shape of some objects.
 */
export function differingParts(
  one: Record<string, string>,
  other: Record<string, string>,
  unread: readonly string[],
): string[] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return names.filter(
    (name) => one[name] !== other[name] && !unread.some((cluster) => name.startsWith(`${cluster}/`)),
  );
}
