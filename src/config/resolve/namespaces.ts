import type { SourceRange } from '../../model/diagnostic.js';
import {
  CONTROL_PLANE_CLUSTERS,
  INJECTION_LABEL,
  ISTIO_NAMESPACE,
  NETWORK_LABEL,
  REVISION_LABEL,
} from '../../model/names.js';
import type { ResolvedCluster, ResolvedNamespace } from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import { keyPlaceOf, placeOf } from '../yaml/source-node.js';
import { checkDuplicates } from './duplicates.js';
import { mergeNamespaces, type NamespaceDeclaration } from './merge-namespaces.js';
import type { MeshSource } from './mesh-source.js';
import { selectClusters } from './selector.js';
import { clustersOf, everyObject, isNamespace, type PlacedWorkload } from './workloads.js';

/** Namespaces that are there without a declaration: Kubernetes' own, and Istio's, which meshplan makes. */
const systemNamespaces = ['istio-system', 'kube-system', 'kube-public', 'kube-node-lease'];

/** Whether a namespace is in every cluster of a mesh, declared or not. */
export function isAlwaysThere(name: string): boolean {
  return name === 'default' || systemNamespaces.includes(name);
}

/** The namespaces of mesh.yaml with those that manifests bring; statements that disagree are reported. */
export function resolveNamespaces(
  source: MeshSource,
  clusters: readonly ResolvedCluster[],
  workloads: PlacedWorkload[],
): ResolvedNamespace[] {
  const written = declaredNamespaces(source, clusters);
  const brought = workloads.flatMap((workload) =>
    everyObject(workload)
      .filter(({ object }) => isNamespace(object))
      .map((item) => broughtNamespace(source, item, workload)),
  );
  for (const { name, place } of [...written, ...brought]) checkReserved(source, name, place);
  // Only mesh.yaml implies injection; a manifest says what it means with the label.
  const implied = (name: string) =>
    defaults.injection && written.some((namespace) => namespace.name === name);
  return mergeNamespaces([...written, ...brought], implied, source.findings);
}

function checkReserved(source: MeshSource, name: string, place: SourceRange): void {
  if (!systemNamespaces.includes(name)) return;
  const isIstios = name === ISTIO_NAMESPACE;
  const message = `the namespace \`${name}\` is made by ${isIstios ? 'meshplan' : 'Kubernetes'} itself`;
  const hint = isIstios
    ? `take the declaration out: meshplan sets the label \`${NETWORK_LABEL}\`, and in remotes the annotation \`${CONTROL_PLANE_CLUSTERS}\` before istiod learns of them`
    : 'take the declaration out';
  source.findings.error('reserved-name', place, message, hint);
}

function declaredNamespaces(
  source: MeshSource,
  clusters: readonly ResolvedCluster[],
): NamespaceDeclaration[] {
  const list = source.spec.namespaces ?? [];
  checkDuplicates(source, 'namespaces', 'name');
  return list.map((namespace, index) => {
    const selector = namespace.clusters ?? defaults.namespaceClusters;
    const { [INJECTION_LABEL]: _injection, [REVISION_LABEL]: _revision, ...labels } = namespace.labels ?? {};
    reportInjectionLabels(source, namespace.labels ?? {}, index);
    return {
      name: namespace.name,
      clusters: selectClusters(source, clusters, selector, ['namespaces', index, 'clusters']),
      everywhere: true,
      injection: namespace.injection,
      labels,
      annotations: {},
      preventDelete: namespace.lifecycle?.preventDelete ?? defaults.preventDelete,
      place: source.at('namespaces', index),
      placeOf: (kind, key) => source.keyAt('namespaces', index, kind, ...(kind === 'injection' ? [] : [key])),
    };
  });
}

function reportInjectionLabels(source: MeshSource, labels: Record<string, string>, index: number): void {
  const instead = {
    [INJECTION_LABEL]: '`injection: true` or `injection: false`',
    [REVISION_LABEL]: '`injection: { revision: NAME }`',
  };
  for (const [label, field] of Object.entries(instead)) {
    if (labels[label] === undefined) continue;
    const place = source.keyAt('namespaces', index, 'labels', label);
    const message = `meshplan sets the label \`${label}\` itself`;
    source.findings.error('derived-value', place, message, `write ${field} instead`);
  }
}

function broughtNamespace(
  source: MeshSource,
  item: ManifestObject,
  workload: PlacedWorkload,
): NamespaceDeclaration {
  const { object, tree } = item;
  const { metadata } = object;
  const clusters = clustersOf(workload, item);
  const { [INJECTION_LABEL]: label, [REVISION_LABEL]: revision, ...labels } = metadata.labels ?? {};
  if (label !== undefined && revision !== undefined) reportBothLabels(source, item);
  delete labels['kubernetes.io/metadata.name'];
  return {
    name: metadata.name,
    clusters,
    // Only patches make it differ: what they say is for their clusters.
    everywhere: clusters.length === workload.clusters.length,
    injection: label !== undefined ? label === 'enabled' : revision === undefined ? undefined : { revision },
    labels,
    annotations: metadata.annotations ?? {},
    preventDelete: false,
    place: placeOf(tree, ['metadata', 'name']),
    placeOf: (kind, key) => {
      const decisive = label === undefined ? REVISION_LABEL : INJECTION_LABEL;
      const path = kind === 'injection' ? ['labels', decisive] : [kind, key];
      return keyPlaceOf(tree, ['metadata', ...path]);
    },
  };
}

/** Istio heeds one of the two, and not the one that says more (`istio-sidecar-injector`, namespaceSelector). */
function reportBothLabels({ findings }: MeshSource, { tree, object }: ManifestObject): void {
  const { name } = object.metadata;
  const place = keyPlaceOf(tree, ['metadata', 'labels', REVISION_LABEL]);
  const message = `namespace \`${name}\` has the labels \`${INJECTION_LABEL}\` and \`${REVISION_LABEL}\`: Istio heeds only the first`;
  findings.error('injection-labels', place, message, 'keep the one that is meant');
}
