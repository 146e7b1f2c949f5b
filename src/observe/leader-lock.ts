/** Whether a ConfigMap is one by which istiod elects a leader. */
export const isLock = (name: string, annotations: Record<string, string> | undefined) =>
  name.startsWith('istio-') && annotations?.['control-plane.alpha.kubernetes.io/leader'] !== undefined;
