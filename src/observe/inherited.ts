import type { KubeObject } from '../model/kube.js';
import { ADOPTED_LABEL } from '../model/names.js';

/**
 * Labels by which Helm and istioctl name the release that an object of Istio's charts came with. They tell
 * nothing to the mesh, and in a pod template a change of one would roll all pods.
 */
const RELEASE_LABELS = [
  'app.kubernetes.io/instance',
  'app.kubernetes.io/managed-by',
  'install.operator.istio.io/owning-resource',
  'release',
];

const isOfCharts = (object: KubeObject) => object.metadata.labels?.['app.kubernetes.io/part-of'] === 'istio';

/** The declared form of what was there before meshplan: marked so, and of the release that it came with. */
export function inherited(object: KubeObject, live: KubeObject): KubeObject {
  const kept = isOfCharts(object) ? asReleased(object, live) : object;
  const labels = { ...kept.metadata.labels, [ADOPTED_LABEL]: 'true' };
  return { ...kept, metadata: { ...kept.metadata, labels } };
}

function asReleased(object: KubeObject, live: KubeObject): KubeObject {
  const labels = releaseOf(object.metadata.labels, live.metadata.labels);
  const kept = { ...object, metadata: { ...object.metadata, labels } };
  const template = templateOf(object);
  if (!template?.metadata?.labels) return kept;
  const current = templateOf(live)?.metadata?.labels;
  const metadata = { ...template.metadata, labels: releaseOf(template.metadata.labels, current) };
  return { ...kept, spec: { ...(object.spec as object), template: { ...template, metadata } } };
}

interface Template {
  metadata?: { labels?: Labels };
}
type Labels = Record<string, string>;

const templateOf = ({ spec }: KubeObject): Template | undefined =>
  (spec as { template?: Template } | undefined)?.template;

/** Release labels as they are live, absent ones included; all others as declared. */
function releaseOf(declared: Labels = {}, live: Labels = {}): Labels {
  const entries = Object.entries(declared).flatMap(([key, value]) => {
    if (!RELEASE_LABELS.includes(key)) return [[key, value] as const];
    const current = live[key];
    return current === undefined ? [] : [[key, current] as const];
  });
  return Object.fromEntries(entries);
}
