import type { Diagnostic } from '../model/diagnostic.js';
import { isMap } from '../model/json.js';
import type { KubeObject } from '../model/kube.js';
import { REVISION_LABEL } from '../model/names.js';
import type { ResolvedMesh, ResolvedNamespace } from '../model/resolved-mesh.js';

/** The revision of the installation that meshplan makes: its own injector answers for it. */
const DEFAULT_REVISION = 'default';

type RevisedNamespace = ResolvedNamespace & { injection: { revision: string } };

/** The namespaces of a cluster whose sidecars are of a revision that meshplan does not install. */
export function revisedNamespaces({ namespaces }: ResolvedMesh, cluster: string): RevisedNamespace[] {
  return namespaces.filter(
    (item): item is RevisedNamespace =>
      typeof item.injection === 'object' &&
      item.injection.revision !== DEFAULT_REVISION &&
      item.clusters.includes(cluster),
  );
}

/**
 * Warns of revisions that no injector of a cluster answers for: pods would start without a sidecar. `injectors`:
 * the MutatingWebhookConfigurations of each cluster in which it matters.
 */
export function revisionFindings(
  mesh: ResolvedMesh,
  injectors: ReadonlyMap<string, KubeObject[] | undefined>,
): Diagnostic[] {
  return mesh.clusters.flatMap(({ name: cluster }) => {
    const selectors = injectors.get(cluster)?.flatMap(injectingSelectors);
    if (selectors === undefined) return [];
    const lost = revisedNamespaces(mesh, cluster).filter(
      (namespace) => !selectors.some((selector) => selects(selector, labelsOf(namespace))),
    );
    const known = [DEFAULT_REVISION, ...selectors.flatMap(revisionsIn)];
    return lost.map(({ name, injection: { revision }, source }) => ({
      severity: 'warning' as const,
      code: 'unknown-revision',
      message: `cluster ${cluster}: no injector answers for revision \`${revision}\`, so pods of namespace ${name} get no sidecar`,
      hint: `Install that revision or tag in ${cluster}, or mind its name; there are ${[...new Set(known)].join(', ')}.`,
      ...source,
    }));
  });
}

const labelsOf = ({ name, labels, injection: { revision } }: RevisedNamespace) => ({
  ...labels,
  'kubernetes.io/metadata.name': name,
  [REVISION_LABEL]: revision,
});

interface Requirement {
  key: string;
  operator: string;
  values?: string[];
}
interface Selector {
  matchLabels?: Record<string, string>;
  matchExpressions?: Requirement[];
}

/** The namespaces that Istio's injectors look after; a revision and each of its tags have a configuration. */
function injectingSelectors({ webhooks }: KubeObject): Selector[] {
  if (!Array.isArray(webhooks)) return [];
  return webhooks
    .filter(isMap)
    .filter(({ name }) => String(name).endsWith('sidecar-injector.istio.io'))
    .map(({ namespaceSelector }) => (isMap(namespaceSelector) ? namespaceSelector : {}));
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Record<string, string>) {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((requirement) => holds(requirement, labels[requirement.key]))
  );
}

function holds({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  if (operator === 'Exists') return value !== undefined;
  if (operator === 'DoesNotExist') return value === undefined;
  const isListed = value !== undefined && values.includes(value);
  return operator === 'In' ? isListed : !isListed;
}

const revisionsIn = ({ matchLabels = {}, matchExpressions = [] }: Selector): string[] => [
  ...(matchLabels[REVISION_LABEL] ? [matchLabels[REVISION_LABEL]] : []),
  ...matchExpressions
    .filter(({ key, operator }) => key === REVISION_LABEL && operator === 'In')
    .flatMap(({ values = [] }) => values),
];
