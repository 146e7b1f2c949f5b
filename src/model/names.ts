import type { KubeObject } from './kube.js';

/** Where Istio's control plane lives; the charts' own default. */
export const ISTIO_NAMESPACE = 'istio-system';

/** The field manager of every write (contract, section 6). */
export const FIELD_MANAGER = 'meshplan';

/** Marks every object that meshplan made (contract, section 6). */
export const MESH_LABEL = 'meshplan.dev/mesh';

/** Is set for a moment on an object whose controller is to look at it again. */
export const TOUCHED_ANNOTATION = 'meshplan.dev/touched';

/**
 * What `kubectl rollout restart` sets in a pod template. meshplan sets it by a patch, not as a declared field: so no
 * apply takes it away again.
 */
export const RESTARTED_ANNOTATION = 'kubectl.kubernetes.io/restartedAt';
export const RESTARTED_POINTER = '/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt';

/** Marks what was there before meshplan and was adopted. A label, for controllers copy annotations to what they make. */
export const ADOPTED_LABEL = 'meshplan.dev/adopted';

/**
 * Marks namespaces and rules of `verify --traffic`, with the mesh's name: how the next run finds what a killed
 * one left. It is no mark of ownership: plan, drift and destroy do not see them.
 */
export const TRAFFIC_LABEL = 'meshplan.dev/traffic';

/** Keeps an object from being deleted or replaced; set from mesh.yaml, or by hand. */
export const PREVENT_DELETE = 'meshplan.dev/prevent-delete';

/** The Service that shows istiod to remotes. */
export const EXPOSURE_SERVICE = 'istiod-external';

/** istioctl's own name for the non-expiring token of a remote, so that both tools share one. */
export const READER_ACCOUNT = 'istio-reader-service-account';
export const READER_TOKEN_SECRET = `${READER_ACCOUNT}-istio-remote-secret-token`;

/** By which a namespace asks for sidecars of the default revision; where it is, its revision is not looked at. */
export const INJECTION_LABEL = 'istio-injection';
/** By which a namespace asks for sidecars of one revision. */
export const REVISION_LABEL = 'istio.io/rev';

export const CACERTS_SECRET = 'cacerts';
export const INJECTOR_WEBHOOK = 'istio-sidecar-injector';

/** The injector that `istioctl install` makes of that one, which it then puts to rest by its selectors. */
export const TAG_WEBHOOK = 'istio-revision-tag-default';

/** Read by istiod when a cluster is added (`topology.istio.io/controlPlaneClusters`). */
export const CONTROL_PLANE_CLUSTERS = 'topology.istio.io/controlPlaneClusters';
export const NETWORK_LABEL = 'topology.istio.io/network';

export const ROOT_CA_ACTION = 'mesh/root-ca';

/** The ids of actions, in one place, for edges name them from several files. */
export const actionId = {
  namespace: (cluster: string, name: string) => `${cluster}/namespace/${name}`,
  crds: (cluster: string) => `${cluster}/crds`,
  workloadCrds: (cluster: string, name: string) => `${cluster}/crds/${name}`,
  trust: (cluster: string) => `${cluster}/trust`,
  exposure: (cluster: string) => `${cluster}/exposure`,
  address: (cluster: string) => `${cluster}/address`,
  controlPlane: (cluster: string) => `${cluster}/control-plane`,
  dataPlane: (cluster: string) => `${cluster}/data-plane`,
  readerToken: (cluster: string) => `${cluster}/reader-token`,
  federate: (primary: string, remote: string) => `${primary}/federate/${remote}`,
  workload: (cluster: string, name: string) => `${cluster}/workload/${name}`,
  callable: (cluster: string, name: string) => `${cluster}/callable/${name}`,
  traffic: (cluster: string, host: string) => `${cluster}/traffic/${host}`,
  removal: (cluster: string) => `${cluster}/removal`,
  leftovers: (cluster: string) => `${cluster}/istiod-leftovers`,
  monitoring: (cluster: string) => `${cluster}/monitoring`,
  kialiAccess: (cluster: string) => `${cluster}/kiali-access`,
  kiali: (home: string, cluster: string) => `${home}/kiali/${cluster}`,
};

/**
 * Where the root of a mesh is kept unless mesh.yaml says otherwise, relative to its folder. Environments share no root
 * by accident: who gets hold of that of staging must not be able to speak for production.
 */
export const caFolderOf = ({ name, environment }: { name: string; environment?: { name: string } }): string =>
  ['.meshplan', 'ca', name, ...(environment ? [environment.name] : [])].join('/');

export const remoteSecretName = (remote: string) => `istio-remote-secret-${remote}`;

/** The object with the label that makes it ours. Pod templates are left alone. */
export function labelled(object: KubeObject, mesh: string): KubeObject {
  const labels = { ...object.metadata.labels, [MESH_LABEL]: mesh };
  return { ...object, metadata: { ...object.metadata, labels } };
}

/** Whether an object was there before meshplan and has been adopted. */
export const wasAdopted = (object: KubeObject): boolean => object.metadata.labels?.[ADOPTED_LABEL] === 'true';

/** Whether an object must be neither deleted nor replaced. */
export const isProtected = (object: KubeObject): boolean =>
  object.metadata.annotations?.[PREVENT_DELETE] === 'true';

/** The object with the annotation that keeps it, also once its declaration is gone. */
export function protectedObject(object: KubeObject): KubeObject {
  const annotations = { ...object.metadata.annotations, [PREVENT_DELETE]: 'true' };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** An object of a namespace, before labels. */
export function namespaced(
  apiVersion: string,
  kind: string,
  namespace: string,
  name: string,
  rest: Record<string, unknown>,
): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace }, ...rest };
}
