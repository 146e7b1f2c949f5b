import { AGNHOST, COREDNS, ISTIO, PAUSE } from '../binaries/versions.js';

// The lab's own images have a name that no registry answers to, so that nothing is ever pulled in their place.
const OWN = 'lab.meshplan.dev';

/** Holds the namespaces of each pod: containerd's sandbox image. */
export const PAUSE_IMAGE = `${OWN}/pause:${PAUSE}`;
export const COREDNS_IMAGE = `${OWN}/coredns:${COREDNS}`;
/** What Istio's charts make the names `HUB/pilot:TAG` and `HUB/proxyv2:TAG` of. */
export const ISTIO_HUB = `${OWN}/istio`;
export const ISTIO_TAG = ISTIO;
/** Kubernetes' test server. Built here, under the name of the public image that any cluster can pull. */
export const AGNHOST_IMAGE = `registry.k8s.io/e2e-test-images/agnhost:${AGNHOST}`;
/** The images that the primary-remote guide's manifests name: agnhost, serving HTTP on 8080. */
export const GUIDE_IMAGES = ['frontend:v1', 'backend:v1', 'backend:v2'].map(
  (name) => `docker.io/library/${name}`,
);
