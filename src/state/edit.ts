import type { MeshState, ObjectPhase, StateCertificate, StateObject } from '../model/state.js';

/** A state of a mesh that no run has touched yet. */
export function emptyState(mesh: string, lineage: string): MeshState {
  return { formatVersion: '1', lineage, serial: 0, mesh, clusters: {}, objects: {}, certificates: {} };
}

/** The state with `address` held as `object`, whatever was known of it before. */
export function recordObject(state: MeshState, address: string, object: StateObject): MeshState {
  return { ...state, objects: { ...state.objects, [address]: { ...object } } };
}

/** The state with the object's phase changed; the same state where the address is not known. */
export function setPhase(state: MeshState, address: string, phase: ObjectPhase): MeshState {
  const object = state.objects[address];
  return object ? recordObject(state, address, { ...object, phase }) : state;
}

/** The state without the object: it is gone from its cluster, or no longer ours. */
export function dropObject(state: MeshState, address: string): MeshState {
  return { ...state, objects: without(state.objects, address) };
}

/** The state with the UID of the cluster's `kube-system` Namespace. */
export function setClusterUid(state: MeshState, cluster: string, uid: string): MeshState {
  return { ...state, clusters: { ...state.clusters, [cluster]: { uid } } };
}

/** The state without the cluster; its objects and certificates are dropped one by one, not with it. */
export function dropCluster(state: MeshState, cluster: string): MeshState {
  return { ...state, clusters: without(state.clusters, cluster) };
}

/** The state with a certificate's public face under `root` or a cluster's name. */
export function setCertificate(state: MeshState, name: string, certificate: StateCertificate): MeshState {
  return { ...state, certificates: { ...state.certificates, [name]: { ...certificate } } };
}

/** The state without the certificate. */
export function dropCertificate(state: MeshState, name: string): MeshState {
  return { ...state, certificates: without(state.certificates, name) };
}

function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
