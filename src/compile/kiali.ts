import type { DesiredAction } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import { KIALI_ACCOUNT, KIALI_LABEL, type KialiView, kialiSecretName, kialiView } from '../model/kiali.js';
import type { KubeObject } from '../model/kube.js';
import { actionId, namespaced } from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import { Unknown } from '../model/unknown.js';
import { encodedKubeconfig, tokenSecret } from './credentials.js';

/** Kiali's account in each cluster but its own, and the Secrets by which it finds these clusters. */
export function kialiActions(mesh: ResolvedMesh, facts: Facts): DesiredAction[] {
  const view = kialiView(mesh);
  if (!view) return [];
  return view.others.flatMap((cluster) => [
    accessAction(mesh, view, facts, cluster),
    secretAction(view, facts, cluster),
  ]);
}

function accessAction(
  mesh: ResolvedMesh,
  { home, namespace }: KialiView,
  facts: Facts,
  { name }: ResolvedCluster,
): DesiredAction {
  const secret = { namespace, name: KIALI_ACCOUNT };
  const rights = [
    namespaced('v1', 'ServiceAccount', namespace, KIALI_ACCOUNT, {}),
    { apiVersion: RBAC, kind: 'ClusterRole', metadata: { name: KIALI_ACCOUNT }, rules: RULES },
    binding(namespace),
  ];
  return {
    id: actionId.kialiAccess(name),
    kind: 'kiali-access',
    cluster: name,
    after: [],
    purpose: `credentials by which Kiali in ${home} reads this cluster`,
    objects: [
      ...rights.map((object) => ({ cluster: name, object })),
      tokenSecret(mesh, name, secret, KIALI_ACCOUNT),
    ],
    ...(facts.kialiTokens?.[name]
      ? {}
      : { effect: { type: 'await-token', cluster: name, reader: 'kiali', secret } }),
    waits: [],
  } satisfies DesiredAction;
}

function secretAction({ home, namespace }: KialiView, facts: Facts, cluster: ResolvedCluster): DesiredAction {
  const { name } = cluster;
  const secret = namespaced('v1', 'Secret', namespace, kialiSecretName(name), {
    type: 'Opaque',
    data: { [name]: kubeconfigOf(facts, cluster) },
  });
  secret.metadata.labels = { [KIALI_LABEL]: 'true' };
  secret.metadata.annotations = { 'kiali.io/cluster': name };
  return {
    id: actionId.kiali(home, name),
    kind: 'kiali',
    cluster: home,
    after: [actionId.kialiAccess(name)],
    purpose: `lets Kiali see ${name}`,
    objects: [{ cluster: home, object: secret }],
    waits: [],
  };
}

function kubeconfigOf(facts: Facts, { name, apiServer }: ResolvedCluster): string | Unknown {
  const credentials = facts.kialiTokens?.[name];
  const cluster = facts.clusters[name];
  if (!credentials || !cluster) return new Unknown(actionId.kialiAccess(name), `token of Kiali in ${name}`);
  return encodedKubeconfig(name, apiServer ?? cluster.server, credentials);
}

const RBAC = 'rbac.authorization.k8s.io/v1';
const READ = ['get', 'list', 'watch'];

/**
 * What Kiali 2 follows in a cluster: the reading part of the viewer role of its Helm chart (`clusterrole-viewer.yaml`),
 * without what is OpenShift's. Left out for good are Secrets and all that creates something: `pods/portforward`, by
 * which Kiali reads the configuration of proxies, opens every port of every pod.
 */
const RULES = [
  {
    apiGroups: [''],
    resources: ['configmaps', 'endpoints', 'namespaces', 'pods', 'replicationcontrollers', 'services'],
    verbs: READ,
  },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
  {
    apiGroups: ['apps'],
    resources: ['daemonsets', 'deployments', 'replicasets', 'statefulsets'],
    verbs: READ,
  },
  { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: READ },
  {
    apiGroups: [
      'extensions.istio.io',
      'gateway.networking.k8s.io',
      'inference.networking.k8s.io',
      'networking.istio.io',
      'security.istio.io',
      'telemetry.istio.io',
    ],
    resources: ['*'],
    verbs: READ,
  },
  {
    apiGroups: ['admissionregistration.k8s.io'],
    resources: ['mutatingwebhookconfigurations'],
    verbs: READ,
  },
];

const binding = (namespace: string): KubeObject => ({
  apiVersion: RBAC,
  kind: 'ClusterRoleBinding',
  metadata: { name: KIALI_ACCOUNT },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: KIALI_ACCOUNT },
  subjects: [{ kind: 'ServiceAccount', name: KIALI_ACCOUNT, namespace }],
});
