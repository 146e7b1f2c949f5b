/** What holds where mesh.yaml says nothing. The schema's `default`s say the same; a test compares the two. */
export const defaults = {
  trustDomain: 'cluster.local',
  caSource: 'generated',
  organization: 'Istio',
  rootValidity: '3650d',
  keyBits: 3072,
  intermediateValidity: '730d',
  renewBefore: '60d',
  remoteKeys: true,
  network: 'network1',
  replicas: 1,
  exposureType: 'LoadBalancer',
  injection: true,
  namespaceClusters: 'all',
  preventDelete: false,
  alerts: false,
  dashboards: false,
} as const;
