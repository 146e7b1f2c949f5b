/**
 * Names that Istio gives its own things. Stated here apart from the compiler's: evidence that shares
 * code with what it judges would repeat its mistakes.
 */
export const ISTIO_NAMESPACE = 'istio-system';

/** The name in istiod's certificate by which proxies and API servers know it. */
export const ISTIOD_HOST = 'istiod.istio-system.svc';

/** Where istiod writes the mesh's root for the pods of a namespace. */
export const ROOT_CONFIG_MAP = 'istio-ca-root-cert';

/** istiod's ports: debug (HTTP), xDS and webhooks (TLS), monitoring (HTTP). */
export const PORTS = { debug: 8080, xds: 15012, webhooks: 15017, monitoring: 15014 } as const;

const inSystem = (plural: string, name: string) => `/api/v1/namespaces/${ISTIO_NAMESPACE}/${plural}/${name}`;

/** URL paths of the objects that are looked at. */
export const PATHS = {
  version: '/version',
  kubeSystem: '/api/v1/namespaces/kube-system',
  cacerts: inSystem('secrets', 'cacerts'),
  readerToken: inSystem('secrets', 'istio-reader-service-account-istio-remote-secret-token'),
  values: inSystem('configmaps', 'values'),
  exposure: inSystem('services', 'istiod-external'),
  way: inSystem('services', 'istiod'),
  wayByIp: `/apis/discovery.k8s.io/v1/namespaces/${ISTIO_NAMESPACE}/endpointslices/istiod`,
  istiodPods: `/api/v1/namespaces/${ISTIO_NAMESPACE}/pods`,
  istiod: `/apis/apps/v1/namespaces/${ISTIO_NAMESPACE}/deployments/istiod`,
  injector: '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/istio-sidecar-injector',
  selfReview: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  rootConfigMap: (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps/${ROOT_CONFIG_MAP}`,
  pods: (namespace: string) => `/api/v1/namespaces/${namespace}/pods`,
} as const;

/** Labels of the pods that istiod's default revision runs as. */
export const ISTIOD_SELECTOR = 'app=istiod,istio.io/rev=default';
