import type { Impact } from '../model/action.js';
import {
  CACERTS_SECRET,
  EXPOSURE_SERVICE,
  ISTIO_NAMESPACE,
  NETWORK_LABEL,
  READER_TOKEN_SECRET,
  remoteSecretName,
} from '../model/names.js';
import type { PlannedObject } from '../model/plan.js';

/** What a change to one kind of object does to traffic. Documented in docs/plan.md. */
export interface Family {
  /** To make it where istiod already runs; elsewhere nothing can notice. */
  create: Impact;
  update: Impact;
  replace: Impact;
  delete: Impact;
  /** Pointers whose change is felt; a change of others is not. Left out: all but labels and annotations. */
  felt?: RegExp;
}

const family = (create: Impact, update: Impact, replace: Impact, remove: Impact, felt?: RegExp): Family => ({
  create,
  update,
  replace,
  delete: remove,
  ...(felt ? { felt } : {}),
});

/** Labels and annotations by which Istio is told something. */
const ISTIO_META = String.raw`\/metadata\/(labels|annotations)(\/[^/]*istio\.io~1|$)`;

export const FAMILIES = {
  inert: family('none', 'none', 'none', 'none'),
  istiod: family('none', 'control-plane-restart', 'proxies-reconnect', 'mtls-risk', /^\/spec(\/template|$)/),
  /** By which proxies and webhooks reach istiod. A load balancer may be made anew for an annotation. */
  way: family('none', 'proxies-reconnect', 'proxies-reconnect', 'mtls-risk', /^\/(?!metadata\/labels)/),
  /**
   * istiod takes up a new intermediate of the same root without a restart (Istio `istio_ca.go`, handleEvent);
   * another root splits the mesh until the last proxy has it.
   */
  authority: family('mtls-risk', 'mtls-risk', 'mtls-risk', 'mtls-risk', /^\/data(\/root-cert\.pem)?$/),
  remoteSecret: family('proxies-reconnect', 'proxies-reconnect', 'proxies-reconnect', 'mtls-risk'),
  /** A NetworkPolicy of istiod: who is let through when proxies connect again. */
  guard: family('proxies-reconnect', 'proxies-reconnect', 'proxies-reconnect', 'none'),
  /** Without it istiod can no longer ask the remote who its proxies are. */
  readerToken: family('none', 'none', 'proxies-reconnect', 'mtls-risk'),
  istioRights: family('none', 'none', 'none', 'mtls-risk'),
  meshConfig: family('proxies-reconnect', 'proxies-reconnect', 'proxies-reconnect', 'proxies-reconnect'),
  injection: family('new-pods', 'new-pods', 'new-pods', 'new-pods'),
  /** istiod gives the endpoints of the cluster another network. */
  home: family(
    'none',
    'proxies-reconnect',
    'proxies-reconnect',
    'mtls-risk',
    new RegExp(String.raw`^\/metadata\/labels(\/${NETWORK_LABEL.replace('/', '~1')})?$`),
  ),
  /** Labels choose injection, the revision and the policies for pods to come. */
  namespace: family('none', 'new-pods', 'proxies-reconnect', 'proxies-reconnect', /^\/metadata\/labels/),
  pods: family(
    'none',
    'new-pods',
    'proxies-reconnect',
    'proxies-reconnect',
    /^\/spec(\/template|\/jobTemplate|$)/,
  ),
  pod: family('none', 'new-pods', 'proxies-reconnect', 'proxies-reconnect', /^\/spec/),
  service: family(
    'none',
    'proxies-reconnect',
    'proxies-reconnect',
    'proxies-reconnect',
    new RegExp(String.raw`^(\/(?!metadata)|${ISTIO_META})`),
  ),
  account: family('none', 'none', 'proxies-reconnect', 'proxies-reconnect'),
  /** Who may talk to whom, and how. */
  security: family('mtls-risk', 'mtls-risk', 'mtls-risk', 'mtls-risk'),
  routing: family('proxies-reconnect', 'proxies-reconnect', 'proxies-reconnect', 'proxies-reconnect'),
  configuration: family('none', 'new-pods', 'new-pods', 'new-pods'),
  other: family('none', 'new-pods', 'proxies-reconnect', 'proxies-reconnect'),
} as const satisfies Record<string, Family>;

type FamilyName = keyof typeof FAMILIES;

const BY_KIND: Record<string, FamilyName> = {
  CustomResourceDefinition: 'inert',
  ValidatingWebhookConfiguration: 'inert',
  ValidatingAdmissionPolicy: 'inert',
  ValidatingAdmissionPolicyBinding: 'inert',
  HorizontalPodAutoscaler: 'inert',
  PodDisruptionBudget: 'inert',
  Role: 'inert',
  RoleBinding: 'inert',
  ClusterRole: 'inert',
  ClusterRoleBinding: 'inert',
  PrometheusRule: 'inert',
  MutatingWebhookConfiguration: 'injection',
  Namespace: 'namespace',
  Deployment: 'pods',
  StatefulSet: 'pods',
  DaemonSet: 'pods',
  ReplicaSet: 'pods',
  Job: 'pods',
  CronJob: 'pods',
  Pod: 'pod',
  Service: 'service',
  EndpointSlice: 'service',
  Endpoints: 'service',
  Ingress: 'service',
  NetworkPolicy: 'security',
  ServiceAccount: 'account',
  ConfigMap: 'configuration',
  Secret: 'configuration',
  ResourceQuota: 'configuration',
  LimitRange: 'configuration',
};

/** Objects of Istio's own namespace that mean something to istiod, by kind and name. */
const AT_HOME: [kind: RegExp, name: RegExp, family: FamilyName][] = [
  [/^Deployment$/, /^istiod$/, 'istiod'],
  [/^(Service|EndpointSlice)$/, new RegExp(`^(istiod|${EXPOSURE_SERVICE})$`), 'way'],
  [/^NetworkPolicy$/, new RegExp(`^${EXPOSURE_SERVICE}$`), 'guard'],
  [/^Secret$/, new RegExp(`^${CACERTS_SECRET}$`), 'authority'],
  [/^Secret$/, new RegExp(`^${remoteSecretName('')}`), 'remoteSecret'],
  [/^Secret$/, new RegExp(`^${READER_TOKEN_SECRET}$`), 'readerToken'],
  [/^ConfigMap$/, /^istio$/, 'meshConfig'],
  [/^ConfigMap$/, /^istio-sidecar-injector$/, 'injection'],
  // The charts' own record of their values, and what Prometheus and Grafana read.
  [/^ConfigMap$/, /^(values$|meshplan-)/, 'inert'],
  [/^(ServiceAccount|Role|RoleBinding)$/, /^istio/, 'istioRights'],
];

/** By which Kiali reads clusters. */
const KIALI: ReadonlySet<string> = new Set(['Secret', 'ServiceAccount']);

/** The kind of thing that an object is to traffic. */
export function familyOf(
  { apiVersion, kind, name, namespace }: PlannedObject,
  { isPrimary }: { isPrimary: boolean },
): Family {
  const group = apiVersion.slice(0, Math.max(apiVersion.indexOf('/'), 0));
  if (/\.istio\.io$|^gateway\.networking\.k8s\.io$/.test(group)) {
    // istiod takes its configuration from its own cluster alone.
    if (!isPrimary) return FAMILIES.inert;
    return group === 'security.istio.io' ? FAMILIES.security : FAMILIES.routing;
  }
  if (KIALI.has(kind) && name.startsWith('kiali-remote-')) return FAMILIES.inert;
  if (kind === 'Namespace' && name === ISTIO_NAMESPACE) return FAMILIES.home;
  if (/^ClusterRole(Binding)?$/.test(kind) && name.startsWith('istio')) return FAMILIES.istioRights;
  const special =
    namespace === ISTIO_NAMESPACE
      ? AT_HOME.find(([ofKind, called]) => ofKind.test(kind) && called.test(name))?.[2]
      : undefined;
  // A remote runs no istiod: its authority waits for a promotion.
  if (special === 'authority' && !isPrimary) return FAMILIES.inert;
  return FAMILIES[special ?? BY_KIND[kind] ?? 'other'];
}
