import type { KubeObject } from './kube.js';
import { INJECTION_LABEL, REVISION_LABEL } from './names.js';
import type { PodTemplate } from './pod-template.js';

/** Istio's proxy; a container of the pod, or an init container that goes on running. */
export const PROXY_CONTAINER = 'istio-proxy';

/** Labels of a namespace that turn injection on; the first counts before the other. */
export const INJECTION_LABELS = [INJECTION_LABEL, REVISION_LABEL];

const INJECT = 'sidecar.istio.io/inject';

/**
 * Whether Istio injects a sidecar into such a pod where its namespace says so (Istio `pkg/kube/inject/inject.go`,
 * injectRequired): the label counts before the annotation, and pods of the host's network never get one.
 */
export function isInjectable({ metadata = {}, spec = {} }: PodTemplate): boolean {
  const said = metadata.labels?.[INJECT] ?? metadata.annotations?.[INJECT] ?? '';
  return !spec.hostNetwork && /^(y|yes|true|on)?$/i.test(said);
}

/** Whether a pod has a sidecar. */
export function hasSidecar({ spec }: KubeObject): boolean {
  const { containers = [], initContainers = [] } = (spec ?? {}) as Record<string, { name: string }[]>;
  return [...containers, ...initContainers].some(({ name }) => name === PROXY_CONTAINER);
}
