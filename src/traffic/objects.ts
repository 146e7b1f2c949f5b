import type { KubeObject } from '../model/kube.js';
import { TRAFFIC_LABEL } from '../model/names.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import {
  CLIENT,
  deploymentOf,
  HOLDER_ANNOTATION,
  hostnameOf,
  LOCAL,
  ROUTED,
  serviceOf,
  VERSIONS,
  type Version,
} from './names.js';

const HTTP_PORT = 8080;
const SERVER = 'server';
/** Names the cluster of a server to the Service that wants this one alone. */
const CLUSTER_LABEL = 'meshplan.dev/traffic-cluster';

/** Passes the strictest Pod Security level; what istiod adds beside it may not. */
const SECURITY_CONTEXT = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 65_532,
  seccompProfile: { type: 'RuntimeDefault' },
};

const RESOURCES = {
  requests: { cpu: '5m', memory: '16Mi' },
  limits: { cpu: '500m', memory: '64Mi' },
};

export interface TestShape {
  mesh: ResolvedMesh;
  namespace: string;
  image: string;
}

/** The test's namespace, marked for the next run in case this one is killed. */
export function namespaceObject({ mesh, namespace }: TestShape, holder: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: { 'istio-injection': 'enabled', [TRAFFIC_LABEL]: mesh.name },
      annotations: { [HOLDER_ANNOTATION]: holder },
    },
  };
}

/** What runs in one cluster: a client, servers of two versions, and the Services of all clusters. */
export function clusterObjects(shape: TestShape, cluster: string): KubeObject[] {
  const { mesh } = shape;
  return [
    inNamespace(shape, 'v1', 'ServiceAccount', CLIENT, { automountServiceAccountToken: false }),
    inNamespace(shape, 'v1', 'ServiceAccount', SERVER, { automountServiceAccountToken: false }),
    ...mesh.clusters.map(({ name }) =>
      service(shape, serviceOf(mesh, name), { app: SERVER, [CLUSTER_LABEL]: serviceOf(mesh, name) }),
    ),
    service(shape, ROUTED, { app: SERVER }),
    service(shape, LOCAL, { app: SERVER }),
    client(shape),
    ...VERSIONS.map((version) => server(shape, cluster, version)),
  ];
}

function inNamespace(
  { namespace }: TestShape,
  apiVersion: string,
  kind: string,
  name: string,
  rest: Record<string, unknown>,
): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace }, ...rest };
}

/** The port has a name everywhere: Istio takes it for HTTP, and finds the same one in every cluster. */
const service = (shape: TestShape, name: string, selector: Record<string, string>): KubeObject =>
  inNamespace(shape, 'v1', 'Service', name, {
    spec: { selector, ports: [{ name: 'http', port: 80, targetPort: HTTP_PORT }] },
  });

const client = (shape: TestShape): KubeObject =>
  deployment(
    shape,
    CLIENT,
    { app: CLIENT },
    {
      serviceAccountName: CLIENT,
      terminationGracePeriodSeconds: 1,
      containers: [container(shape, CLIENT, ['pause'])],
    },
  );

function server(shape: TestShape, cluster: string, version: Version): KubeObject {
  const { mesh } = shape;
  // It goes on for a moment after it was told to end, as servers should, until nobody sends to it any more.
  const args = ['netexec', `--http-port=${HTTP_PORT}`, '--udp-port=-1', '--delay-shutdown=3'];
  // Not /healthz, which wants netexec's UDP server as well.
  const readinessProbe = { httpGet: { path: '/hostname', port: HTTP_PORT }, periodSeconds: 1 };
  return deployment(
    shape,
    deploymentOf(version),
    { app: SERVER, version, [CLUSTER_LABEL]: serviceOf(mesh, cluster) },
    {
      serviceAccountName: SERVER,
      hostname: hostnameOf(mesh, cluster, version),
      terminationGracePeriodSeconds: 5,
      containers: [
        {
          ...container(shape, SERVER, args),
          ports: [{ name: 'http', containerPort: HTTP_PORT }],
          readinessProbe,
        },
      ],
    },
  );
}

/** `command`, not `args`: an image that the user names may have another entrypoint, or none. */
const container = ({ image }: TestShape, name: string, args: string[]) => ({
  name,
  image,
  command: ['/agnhost', ...args],
  imagePullPolicy: 'IfNotPresent',
  securityContext: SECURITY_CONTEXT,
  resources: RESOURCES,
});

const deployment = (
  shape: TestShape,
  name: string,
  labels: Record<string, string>,
  pod: Record<string, unknown>,
): KubeObject =>
  inNamespace(shape, 'apps/v1', 'Deployment', name, {
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { automountServiceAccountToken: false, ...pod } },
    },
  });
