import type { KubeObject } from '../model/kube.js';

/** Whether istiod has put its proxy into a pod: a container, or an init container that stays. */
export function hasSidecar(pod: KubeObject): boolean {
  const { containers = [], initContainers = [] } = pod.spec as Record<
    string,
    { name?: string }[] | undefined
  >;
  return [...containers, ...initContainers].some(({ name }) => name === 'istio-proxy');
}
