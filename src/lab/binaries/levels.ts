import { etcd, istio, kubernetes, kwok } from './families.js';
import { agnhost, containerd, coredns, envoy, istioProxy, kubernetesNode, pause } from './node-families.js';
import type { Family, LabLevel } from './types.js';

/** What a lab of each level needs. Cheap builds come first, so that a fault shows early. */
export const LEVELS: Readonly<Record<LabLevel, readonly Family[]>> = {
  1: [etcd, kwok, kubernetes, istio],
  2: [
    envoy,
    pause,
    etcd,
    coredns,
    containerd,
    // After each other, for they share most of their packages.
    kubernetes,
    kubernetesNode,
    agnhost,
    istio,
    istioProxy,
  ],
};
