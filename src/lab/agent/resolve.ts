import { isIP } from 'node:net';
import type { LabApi } from '../api.js';
import type { Level1Cluster } from '../state.js';
import {
  type Backend,
  type Destination,
  destinationOfPod,
  destinationOfService,
  destinationOfSlices,
  type EndpointSlice,
  type Service,
  serviceOfIp,
} from './routes.js';

export interface ResolveContext {
  api: LabApi | undefined;
  cluster: Level1Cluster;
  services: Service[];
  backends: Backend[];
}

/**
 * Where a call of the API server goes that leaves through the egress selector: to a Service (webhooks),
 * to a pod (proxy subresources) or to a node, which is kwok (port-forwards and logs).
 */
export async function resolveTarget(
  context: ResolveContext,
  host: string,
  port: number,
): Promise<Destination | undefined> {
  const { cluster, services, backends } = context;
  if (host === '127.0.0.1' && port === cluster.ports.kwok) return { host, port };
  // The API server has already put an ExternalName in the Service's place.
  if (isIP(host) === 0) return { host, port };
  const service = serviceOfIp(services, host);
  if (!service) return destinationOfPod(host, port, backends);
  if (service.spec.selector) return destinationOfService(service, port, backends);
  return destinationOfSlices(service, port, await slicesOf(context, service));
}

async function slicesOf({ api }: ResolveContext, service: Service): Promise<EndpointSlice[]> {
  const { namespace, name } = service.metadata;
  const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const query = { labelSelector: `kubernetes.io/service-name=${name}` };
  const answer = await api?.cluster.request(path, { query });
  return (answer?.body as { items: EndpointSlice[] } | undefined)?.items ?? [];
}
