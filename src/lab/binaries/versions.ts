// These and src/lab/modules/*/go.mod belong together; a unit test compares them.
export const ETCD = '3.6.16';
export const KUBERNETES = '1.37.2';
export const ISTIO = '1.31-dev';
export const ISTIO_COMMIT = 'eed52ebb66ad';
export const KWOK = '0.8.0';
export const CONTAINERD = '2.4.2';
export const COREDNS = '1.15.0';
export const ENVOY = '1.40.0';
export const PROMETHEUS = '3.16.0';
/** Kubernetes' test/images/agnhost/VERSION at the version above. */
export const AGNHOST = '2.66.1';
/** In src/lab/modules/pause/main.go. */
export const PAUSE = '1.0.0';
