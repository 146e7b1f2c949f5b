import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import type { Lab } from './lab.js';

/** What a sidecar sends and gets, so far as it is needed: envoy/service/discovery/v3, by the numbers of its fields. */
const PROTOCOL = protobuf.parse(
  `syntax = "proto3";
  message Value { string string_value = 3; Struct struct_value = 5; }
  message Struct { map<string, Value> fields = 1; }
  message Node { string id = 1; Struct metadata = 3; }
  message Status { int32 code = 1; string message = 2; }
  message Request {
    string version_info = 1; Node node = 2; repeated string resource_names = 3; string type_url = 4;
    string response_nonce = 5; Status error_detail = 6;
  }
  message Response { string version_info = 1; string type_url = 4; string nonce = 5; }`,
).root;
const REQUEST = PROTOCOL.lookupType('Request');
const RESPONSE = PROTOCOL.lookupType('Response');
const STREAM = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';

interface Response {
  versionInfo: string;
  typeUrl: string;
  nonce: string;
}

const TYPES = {
  clusters: 'type.googleapis.com/envoy.config.cluster.v3.Cluster',
  endpoints: 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
  listeners: 'type.googleapis.com/envoy.config.listener.v3.Listener',
  routes: 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
};
const LIMIT_MS = 20_000;

/** A pod of a cluster as its sidecar would tell it. */
export interface ProxyPod {
  cluster: string;
  /** The context of its cluster, where it has not the same name. */
  context?: string;
  namespace: string;
  name: string;
  address: string;
  /** What Istio it says it is of. */
  version?: string;
}

/** A message of Envoy as JSON: its types are not at hand. */
// biome-ignore lint/suspicious/noExplicitAny: whoever reads one knows its fields from Envoy's documentation
export type Message = any;

/** What istiod would push to a proxy, by name. */
export interface ProxyConfig {
  clusters: Map<string, Message>;
  endpoints: Map<string, Message>;
  routes: Map<string, Message>;
}

/**
 * Registers with istiod of `primary` as a pod's sidecar does, by ADS on 15012 through the load balancer with a token
 * of the pod's ServiceAccount, and reads what istiod would push to it, from its config dump. Level 1 only: there the
 * load balancer can be reached from here. @param routes names of route configurations, which are ports.
 */
export async function pushedTo(
  lab: Lab,
  primary: string,
  pod: ProxyPod,
  { routes, endpoints }: { routes: string[]; endpoints: string[] },
): Promise<ProxyConfig> {
  const stream = await openStream(lab, primary, pod);
  const subscriptions = { clusters: [], listeners: [], routes, endpoints };
  const pending = new Set(Object.values(TYPES));
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${[...pending].join(', ')} came`)), LIMIT_MS);
      stream.on('error', (error: ServiceError) => reject(error));
      stream.on('data', ({ versionInfo, typeUrl, nonce }: Response) => {
        const [kind] = Object.entries(TYPES).find(([, url]) => url === typeUrl) ?? [];
        const resourceNames = subscriptions[kind as keyof typeof subscriptions];
        stream.write({ typeUrl, versionInfo, responseNonce: nonce, resourceNames });
        pending.delete(typeUrl);
        if (pending.size > 0) return;
        clearTimeout(timer);
        resolve();
      });
      for (const [kind, resourceNames] of Object.entries(subscriptions))
        stream.write({
          node: nodeOf(pod),
          typeUrl: TYPES[kind as keyof typeof TYPES],
          resourceNames,
        });
    });
    return await configDump(lab, primary, pod);
  } finally {
    stream.on('error', () => undefined);
    stream.cancel();
  }
}

/** What a sidecar makes of what istiod sends: takes it, never answers, or rejects its listeners with this text. */
export type Manner = 'acks' | 'silent' | { rejects: string };

/** A sidecar that stays connected, as istiod sees it, until it is closed. */
export interface ConnectedProxy {
  /** From now on it answers so, beginning with what was sent last. */
  turn(manner: Manner): void;
  close(): void;
}

/**
 * Registers with istiod of `primary` as a pod's sidecar does and stays, when the first of each type has come.
 * Level 1 only, as `pushedTo`.
 */
export async function connectProxy(
  lab: Lab,
  primary: string,
  pod: ProxyPod,
  manner: Manner,
): Promise<ConnectedProxy> {
  const stream = await openStream(lab, primary, pod);
  const last = new Map<string, Response>();
  let current = manner;
  const answer = ({ versionInfo, typeUrl, nonce }: Response) => {
    if (current === 'silent') return;
    const isRejected = current !== 'acks' && typeUrl === TYPES.listeners;
    const errorDetail = isRejected
      ? { code: 13, message: (current as { rejects: string }).rejects }
      : undefined;
    stream.write({ typeUrl, versionInfo, responseNonce: nonce, ...(errorDetail ? { errorDetail } : {}) });
  };
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('istiod sent no listeners')), LIMIT_MS);
    stream.on('error', (error: ServiceError) => reject(error));
    stream.on('data', (response: Response) => {
      last.set(response.typeUrl, response);
      answer(response);
      if (response.typeUrl !== TYPES.listeners) return;
      clearTimeout(timer);
      resolve();
    });
    for (const typeUrl of [TYPES.clusters, TYPES.listeners]) stream.write({ node: nodeOf(pod), typeUrl });
  });
  return {
    turn(to) {
      current = to;
      for (const response of last.values()) answer(response);
    },
    close() {
      stream.on('error', () => undefined);
      stream.cancel();
    },
  };
}

async function openStream(lab: Lab, primary: string, pod: ProxyPod) {
  const { cluster, context = cluster, namespace } = pod;
  const get = (name: string, jsonpath: string) =>
    lab.kubectl(primary, '-n', 'istio-system', 'get', ...name.split(' '), '-o', `jsonpath=${jsonpath}`);
  const [root, address, token] = await Promise.all([
    get('configmap istio-ca-root-cert', '{.data.root-cert\\.pem}'),
    get('service istiod-external', '{.status.loadBalancer.ingress[0].*}'),
    lab.kubectl(context, '-n', namespace, 'create', 'token', 'default', '--audience=istio-ca'),
  ]);
  // The load balancer's address is in no certificate; this name of istiod's is.
  const client = new Client(`${address}:15012`, credentials.createSsl(Buffer.from(root)), {
    'grpc.ssl_target_name_override': 'istiod.istio-system.svc',
  });
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token.trim()}`);
  metadata.set('clusterid', cluster);
  return client.makeBidiStreamRequest(
    STREAM,
    (request: object) => Buffer.from(REQUEST.encode(request).finish()),
    (bytes) => RESPONSE.decode(bytes) as unknown as Response,
    metadata,
  );
}

function nodeOf({ cluster, namespace, name, address, version }: ProxyPod) {
  const text = (stringValue: string) => ({ stringValue });
  return {
    id: `sidecar~${address}~${name}.${namespace}~${namespace}.svc.cluster.local`,
    metadata: {
      fields: {
        CLUSTER_ID: text(cluster),
        NAMESPACE: text(namespace),
        SERVICE_ACCOUNT: text('default'),
        NETWORK: text('network1'),
        ISTIO_VERSION: text(version ?? '1.31.0'),
        // istioctl takes who has none for one of its own kind.
        PROXY_CONFIG: { structValue: { fields: {} } },
      },
    },
  };
}

async function configDump(lab: Lab, primary: string, { name, namespace }: ProxyPod): Promise<ProxyConfig> {
  const istiod = await lab.kubectl(
    ...[
      primary,
      '-n',
      'istio-system',
      'get',
      'pods',
      '-l',
      'app=istiod',
      '-o',
      'jsonpath={.items[0].metadata.name}',
    ],
  );
  const path = `/api/v1/namespaces/istio-system/pods/${istiod}:8080/proxy/debug/config_dump`;
  const query = `?proxyID=${name}.${namespace}&include_eds`;
  const { configs } = JSON.parse(await lab.kubectl(primary, 'get', '--raw', path + query)) as Message;
  const items = (type: string, list: string, item: string, name = 'name'): Map<string, Message> => {
    const dump = configs.find((config: Message) => config['@type'].endsWith(`.${type}`));
    return new Map((dump?.[list] ?? []).map((entry: Message) => [entry[item][name], entry[item]]));
  };
  return {
    clusters: items('ClustersConfigDump', 'dynamicActiveClusters', 'cluster'),
    endpoints: items('EndpointsConfigDump', 'dynamicEndpointConfigs', 'endpointConfig', 'clusterName'),
    routes: items('RoutesConfigDump', 'dynamicRouteConfigs', 'routeConfig'),
  };
}
