import type { KubeObject } from '../../model/kube.js';
import {
  type IstiodLaunch,
  type IstiodPod,
  istiodContainer,
  LISTENER_NAMES,
  type Listener,
} from './istiod-launch.js';

/**
 * Where calls to Services and pods go: what kube-proxy and the pod network are on a real cluster.
 * Only istiods are real here, so only they can be reached. Pure.
 */

export interface Service extends KubeObject {
  spec: {
    type?: string;
    clusterIP?: string;
    selector?: Record<string, string>;
    loadBalancerClass?: string;
    loadBalancerIP?: string;
    ports?: { name?: string; port: number; targetPort?: number | string }[];
  };
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } };
}

/** One real istiod and the pods that it stands for. */
export interface Backend {
  namespace: string;
  pods: IstiodPod[];
  ready: boolean;
  launch: IstiodLaunch;
  /** The ports that the process really listens on, on 127.0.0.1. */
  ports: Record<Listener, number>;
}

export interface Destination {
  host: string;
  port: number;
}

/** What the backend listens on in place of a pod's port, given by number or by the container's name for it. */
export function backendPort(backend: Backend, target: number | string): Destination | undefined {
  const [pod] = backend.pods;
  const named = pod && istiodContainer(pod)?.ports?.find((item) => item.name === target)?.containerPort;
  const number = typeof target === 'number' ? target : named;
  const listener = LISTENER_NAMES.find((name) => backend.launch.declaredPorts[name] === number);
  return listener && { host: '127.0.0.1', port: backend.ports[listener] };
}

/** The ready istiod behind a Service's port, chosen as endpoints are: by the selector, ready pods only. */
export function destinationOfService(
  service: Service,
  port: number,
  backends: Backend[],
): Destination | undefined {
  const found = service.spec.ports?.find((item) => item.port === port);
  const selector = Object.entries(service.spec.selector ?? {});
  if (!found || selector.length === 0) return undefined;
  const backend = backends.find(
    (item) =>
      item.ready &&
      item.namespace === service.metadata.namespace &&
      item.pods.some((pod) => selector.every(([key, value]) => pod.metadata.labels?.[key] === value)),
  );
  return backend && backendPort(backend, found.targetPort ?? found.port);
}

export function serviceOfIp(services: Service[], ip: string): Service | undefined {
  return services.find((service) => service.spec.clusterIP === ip);
}

/** Calls to a pod's own address, as the API server's pod and Service proxies make them. */
export function destinationOfPod(ip: string, port: number, backends: Backend[]): Destination | undefined {
  const backend = backends.find((item) => item.pods.some((pod) => pod.status?.podIP === ip));
  return backend && backendPort(backend, port);
}

/** A Service of the load balancer that leads somewhere. */
export interface Exposed {
  destination: Destination;
  /** When it was made, RFC 3339. */
  since: string;
}

/** The Service that a connection to the load balancer's port belongs to: the oldest that has the port. */
export function destinationOfLoadBalancer(
  services: Service[],
  port: number,
  backends: Backend[],
): Exposed | undefined {
  const candidates = services
    .filter((service) => isLoadBalancer(service) && service.spec.ports?.some((item) => item.port === port))
    .sort((a, b) => age(a).localeCompare(age(b)));
  const [service] = candidates;
  const destination = service && destinationOfService(service, port, backends);
  return destination && { destination, since: age(service) };
}

const age = (object: KubeObject) => object.metadata.creationTimestamp ?? '';

/** A load balancer class means that some other controller serves the Service. */
export const isLoadBalancer = (service: Service) =>
  service.spec.type === 'LoadBalancer' && !service.spec.loadBalancerClass;

/** An EndpointSlice, as far as a Service without selector needs it. */
export interface EndpointSlice extends KubeObject {
  endpoints?: { addresses: string[]; conditions?: { ready?: boolean } }[];
  ports?: { name?: string; port?: number }[];
}

/** The first usable endpoint of a Service without selector, e.g. one that leads to another cluster. */
export function destinationOfSlices(
  service: Service,
  port: number,
  slices: EndpointSlice[],
): Destination | undefined {
  const name = service.spec.ports?.find((item) => item.port === port)?.name ?? '';
  for (const slice of slices) {
    const number = slice.ports?.find((item) => (item.name ?? '') === name)?.port;
    const host = slice.endpoints?.find((item) => item.conditions?.ready !== false)?.addresses[0];
    if (number && host) return { host, port: number };
  }
  return undefined;
}
