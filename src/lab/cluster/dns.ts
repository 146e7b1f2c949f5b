import type { Cluster, KubeObject } from '../../model/kube.js';
import type { Level2Cluster } from '../state.js';

const NAMESPACE = 'kube-system';
const NAME = 'coredns';
const LABELS = { 'k8s-app': 'kube-dns' };

/** Answers stay known for a moment only, so that a Service that has just come is found by its name soon. */
const COREFILE = `.:53 {
    errors
    health :8080
    ready :8181
    kubernetes cluster.local in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 5
    }
    cache 5
}
`;

/** The cluster's DNS, with the names that tools look for (Service `kube-dns`, label `k8s-app`). Pure. */
export function dnsObjects(
  cluster: Level2Cluster,
  image: string,
): { collection: string; object: KubeObject }[] {
  const rbac = '/apis/rbac.authorization.k8s.io/v1';
  const group = 'rbac.authorization.k8s.io';
  const role = 'system:coredns';
  const inNamespace = (kind: string) => `/api/v1/namespaces/${NAMESPACE}/${kind}`;
  const metadata = { name: NAME, namespace: NAMESPACE };
  const read = (apiGroup: string, resources: string[]) => ({
    apiGroups: [apiGroup],
    resources,
    verbs: ['list', 'watch'],
  });
  return [
    {
      collection: inNamespace('serviceaccounts'),
      object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    },
    {
      collection: `${rbac}/clusterroles`,
      object: {
        apiVersion: `${group}/v1`,
        kind: 'ClusterRole',
        metadata: { name: role },
        rules: [read('', ['services', 'pods', 'namespaces']), read('discovery.k8s.io', ['endpointslices'])],
      },
    },
    {
      collection: `${rbac}/clusterrolebindings`,
      object: {
        apiVersion: `${group}/v1`,
        kind: 'ClusterRoleBinding',
        metadata: { name: role },
        roleRef: { apiGroup: group, kind: 'ClusterRole', name: role },
        subjects: [{ kind: 'ServiceAccount', ...metadata }],
      },
    },
    {
      collection: inNamespace('configmaps'),
      object: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: COREFILE } },
    },
    { collection: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments`, object: deployment(image) },
    {
      collection: inNamespace('services'),
      object: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
          name: 'kube-dns',
          namespace: NAMESPACE,
          labels: { ...LABELS, 'kubernetes.io/name': 'CoreDNS' },
        },
        spec: {
          clusterIP: cluster.dns,
          selector: LABELS,
          ports: [
            { name: 'dns', port: 53, protocol: 'UDP' },
            { name: 'dns-tcp', port: 53, protocol: 'TCP' },
          ],
        },
      },
    },
  ];
}

function deployment(image: string): KubeObject {
  const folder = '/etc/coredns';
  const container = {
    name: NAME,
    image,
    imagePullPolicy: 'Never',
    args: ['-conf', `${folder}/Corefile`],
    readinessProbe: { httpGet: { path: '/ready', port: 8181 }, periodSeconds: 1 },
    volumeMounts: [{ name: 'config', mountPath: folder }],
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace: NAMESPACE, labels: LABELS },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          serviceAccountName: NAME,
          priorityClassName: 'system-cluster-critical',
          // There is nobody to ask for other names.
          dnsPolicy: 'Default',
          containers: [container],
          volumes: [{ name: 'config', configMap: { name: NAME } }],
        },
      },
    },
  } as KubeObject;
}

/** Applies the cluster's DNS: a cluster that comes back with its data has it already, and its Service's address. */
export async function createDns(api: Cluster, cluster: Level2Cluster, image: string): Promise<void> {
  for (const { collection, object } of dnsObjects(cluster, image)) {
    await api.request(`${collection}/${object.metadata.name}`, {
      method: 'PATCH',
      contentType: 'application/apply-patch+yaml',
      query: { fieldManager: 'meshplan-lab', force: 'true' },
      body: object,
    });
  }
}

interface DnsPod {
  status?: {
    conditions?: { type: string; status: string }[];
    containerStatuses?: { state?: { running?: { startedAt: string } } }[];
  };
}

/**
 * Whether the DNS of the cluster answers, by a pod that was started since then: of a cluster that comes back, the
 * API still tells how its pods were when it went.
 */
export async function isDnsAvailable(api: Cluster, since: Date): Promise<boolean> {
  const query = { labelSelector: 'k8s-app=kube-dns' };
  const answer = await api.request(`/api/v1/namespaces/${NAMESPACE}/pods`, { query });
  // The API tells whole seconds.
  const earliest = Math.floor(since.getTime() / 1_000) * 1_000;
  return (answer.body as { items: DnsPod[] }).items.some(
    ({ status }) =>
      status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') &&
      status.containerStatuses?.some(({ state }) => Date.parse(state?.running?.startedAt ?? '') >= earliest),
  );
}
