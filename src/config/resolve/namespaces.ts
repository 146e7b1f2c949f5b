import type { SourceRange } from '../../model/diagnostic.js';
import { CONTROL_PLANE_CLUSTERS, ISTIO_NAMESPACE, NETWORK_LABEL } from '../../model/names.js';
import type { ResolvedCluster, ResolvedNamespace } from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import { keyPlaceOf, placeOf } from '../yaml/source-node.js';
import { checkDuplicates } from './duplicates.js';
import { mergeNamespaces, type NamespaceDeclaration } from './merge-namespaces.js';
import type { MeshSource } from './mesh-source.js';
import { selectClusters } from './selector.js';
import { clustersOf, everyObject, isNamespace, type PlacedWorkload } from './workloads.js';

const injectionLabel = 'istio-injection';

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
      .map((item) => broughtNamespace(item, workload)),
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
    const { [injectionLabel]: label, ...labels } = namespace.labels ?? {};
    if (label !== undefined) reportInjectionLabel(source, index);
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

function reportInjectionLabel(source: MeshSource, index: number): void {
  const place = source.keyAt('namespaces', index, 'labels', injectionLabel);
  const message = `meshplan sets the label \`${injectionLabel}\` itself`;
  source.findings.error(
    'derived-value',
    place,
    message,
    'write `injection: true` or `injection: false` instead',
  );
}

function broughtNamespace(item: ManifestObject, workload: PlacedWorkload): NamespaceDeclaration {
  const { object, tree } = item;
  const { metadata } = object;
  const clusters = clustersOf(workload, item);
  const { [injectionLabel]: label, ...labels } = metadata.labels ?? {};
  delete labels['kubernetes.io/metadata.name'];
  return {
    name: metadata.name,
    clusters,
    // Only patches make it differ: what they say is for their clusters.
    everywhere: clusters.length === workload.clusters.length,
    injection: label === undefined ? undefined : label === 'enabled',
    labels,
    annotations: metadata.annotations ?? {},
    preventDelete: false,
    place: placeOf(tree, ['metadata', 'name']),
    placeOf: (kind, key) => {
      const path = kind === 'injection' ? ['labels', injectionLabel] : [kind, key];
      return keyPlaceOf(tree, ['metadata', ...path]);
    },
  };
}
