import type { KubeObject } from '../model/kube.js';
import { INJECTION_LABEL, REVISION_LABEL } from '../model/names.js';

/**
 * Labels of a Namespace that make its declared revision void: whoever set `istio-injection`, Istio heeds that one.
 * An apply takes out only what meshplan alone has set.
 */
export function overrulingLabels(declared: KubeObject, live: KubeObject): string[] {
  if (declared.kind !== 'Namespace' || declared.metadata.labels?.[REVISION_LABEL] === undefined) return [];
  return live.metadata.labels?.[INJECTION_LABEL] === undefined ? [] : [INJECTION_LABEL];
}

export function withoutLabels(object: KubeObject, unwanted: readonly string[]): KubeObject {
  const labels = Object.entries(object.metadata.labels ?? {}).filter(([key]) => !unwanted.includes(key));
  return { ...object, metadata: { ...object.metadata, labels: Object.fromEntries(labels) } };
}
