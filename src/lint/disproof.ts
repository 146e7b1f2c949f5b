import { carries } from '../match/labels.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { INJECTION_LABELS } from '../model/injection.js';
import type { KubeObject } from '../model/kube.js';
import { keyOf, type LintReading } from '../model/lint.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import { hostOf } from './needs.js';

/** What is live beside the reading: every Namespace, by cluster and name. */
export type LiveNamespaces = ReadonlyMap<string, ReadonlyMap<string, KubeObject>>;

export const REGION_LABEL = 'topology.kubernetes.io/region';

/** The findings that the clusters prove wrong: others brought what mesh.yaml does not. */
export function disproven(
  found: readonly Diagnostic[],
  mesh: ResolvedMesh,
  reading: LintReading,
  namespaces: LiveNamespaces,
): Set<Diagnostic> {
  const proofs: Record<string, (item: Diagnostic) => boolean> = {
    'unknown-host': (item) => mesh.clusters.some(({ name }) => isThere(name, hostOf(item), reading)),
    'not-callable': (item) => isThere(item.subject?.split('/')[1] ?? '', hostOf(item), reading),
    'empty-service': (item) => podsOf(hostOf(item), mesh, reading).length > 0,
    'empty-subset': (item) => hasSubset(item, mesh, reading),
    'empty-region': (item) => hasPodsInRegion(item, mesh, reading),
    'unknown-region': ({ subject }) =>
      [...reading.nodes.values()].flat().some((node) => node.metadata.labels?.[REGION_LABEL] === subject),
    'injection-off': (item) => isInjectedLive(item, mesh, namespaces),
  };
  return new Set(found.filter((item) => proofs[item.code]?.(item)));
}

const isThere = (cluster: string, host: string, { services }: LintReading) =>
  services.get(keyOf({ cluster, host })) !== undefined;

function podsOf(
  host: string,
  mesh: ResolvedMesh,
  { pods }: LintReading,
  inClusters?: string[],
): KubeObject[] {
  const names = inClusters ?? mesh.clusters.map(({ name }) => name);
  return names.flatMap((cluster) => pods.get(keyOf({ cluster, host })) ?? []);
}

function hasSubset(item: Diagnostic, mesh: ResolvedMesh, reading: LintReading): boolean {
  const host = hostOf(item);
  const wanted = mesh.traffic.find((rule) => rule.host === host)?.subsets[item.subject?.split('/')[1] ?? ''];
  if (wanted === undefined) return false;
  return podsOf(host, mesh, reading).some(({ metadata }) => carries(metadata.labels, wanted));
}

function hasPodsInRegion(item: Diagnostic, mesh: ResolvedMesh, reading: LintReading): boolean {
  const region = item.subject?.split('/')[1];
  const clusters = mesh.clusters.flatMap(({ name, locality }) => (locality?.region === region ? [name] : []));
  return podsOf(hostOf(item), mesh, reading, clusters).length > 0;
}

/** A namespace that mesh.yaml does not inject may have its label from others. */
function isInjectedLive(
  { subject = '' }: Diagnostic,
  mesh: ResolvedMesh,
  namespaces: LiveNamespaces,
): boolean {
  const [host = '', cluster] = subject.split('/');
  if (cluster !== undefined) return false;
  const name = host.split('.')[1] ?? '';
  // Where mesh.yaml does inject it, the pods themselves say no.
  if (mesh.namespaces.some((declared) => declared.name === name && declared.injection)) return false;
  const homes = [...namespaces.values()].flatMap((known) => known.get(name) ?? []);
  return homes.some(({ metadata }) =>
    INJECTION_LABELS.some((label) => (metadata.labels?.[label] ?? 'disabled') !== 'disabled'),
  );
}
