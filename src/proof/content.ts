import { isSensitive, MASK } from '../diff/mask.js';
import { normalise } from '../diff/normalise.js';
import type { DesiredAction } from '../model/action.js';
import { isCrd } from '../model/crd.js';
import { isMap } from '../model/json.js';
import { addressOf, type KubeObject, refOf } from '../model/kube.js';
import { ISTIO_NAMESPACE, MESH_LABEL } from '../model/names.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import { digestOf } from '../saved/canonical.js';
import type { ProvedObjects } from './report.js';

/** The declared objects of all clusters, as far as environments can have them in common. */
export function contentsOf(
  actions: readonly DesiredAction[],
  { monitoring }: Pick<ResolvedMesh, 'monitoring'>,
  parseYaml: (text: string) => unknown,
): ProvedObjects {
  const contents: ProvedObjects = {};
  for (const action of actions) {
    for (const { cluster, object } of action.objects) {
      const inCluster = addressOf(refOf(cluster, object)).slice(cluster.length + 1);
      if (isCopy(object)) continue;
      // Rules and dashboards are made of how many clusters there are and what these are called.
      const content =
        action.kind === 'monitoring' ? { ...nameOf(object), monitoring } : contentOf(object, parseYaml);
      contents[cluster] = { ...contents[cluster], [inCluster]: asJson(content) };
    }
  }
  return contents;
}

/** istiod's chart keeps its own values for readers; what they do shows in the other objects. */
const isCopy = ({ kind, metadata: { name, namespace } }: KubeObject): boolean =>
  kind === 'ConfigMap' && namespace === ISTIO_NAMESPACE && /^values(-|$)/.test(name);

/**
 * One object as it is compared. Of a Secret the keys alone: neither a value nor a digest of one. Of a CRD a digest,
 * for nobody reads where it differs. Documents in a ConfigMap are taken apart, so that a difference has a pointer.
 */
export function contentOf(object: KubeObject, parseYaml: (text: string) => unknown): unknown {
  const plain = withoutMark(normalise(object));
  if (isSensitive(plain)) return keysOf(plain);
  if (isCrd(plain)) return { ...nameOf(plain), digest: digestOf(plain) };
  if (plain.kind !== 'ConfigMap' || !isMap(plain.data)) return plain;
  const { name, namespace = '' } = plain.metadata;
  // Elsewhere a text that reads as YAML may be something else, to which comments and order mean something.
  const isIstios = namespace === ISTIO_NAMESPACE && name.startsWith('istio');
  const data = Object.entries(plain.data).map(([key, text]) => [
    key,
    parsed(text, isIstios ? parseYaml : undefined),
  ]);
  return { ...plain, data: Object.fromEntries(data) };
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function nameOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject) {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

/** Without the label by which meshplan knows its own: it holds the mesh ID, and nothing that was declared. */
function withoutMark(object: KubeObject): KubeObject {
  const { [MESH_LABEL]: _, ...labels } = object.metadata.labels ?? {};
  const { labels: __, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, ...(Object.keys(labels).length > 0 ? { labels } : {}) } };
}

function keysOf(secret: KubeObject) {
  const { labels } = secret.metadata;
  const keys = ['data', 'stringData'].flatMap((field) => Object.keys((secret[field] ?? {}) as object)).sort();
  const { metadata, ...named } = nameOf(secret);
  return {
    ...named,
    ...(secret.type === undefined ? {} : { type: secret.type }),
    metadata: { ...metadata, ...(labels ? { labels } : {}) },
    data: Object.fromEntries(keys.map((key) => [key, MASK])),
  };
}

/** The document that a text is, if it is one. */
function parsed(text: unknown, parseYaml: ((text: string) => unknown) | undefined): unknown {
  if (typeof text !== 'string') return text;
  for (const parse of [JSON.parse, parseYaml]) {
    try {
      const document = parse?.(text);
      if (typeof document === 'object' && document !== null) return document;
    } catch {
      // It is something else.
    }
  }
  return text;
}
