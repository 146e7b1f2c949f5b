import type { KubeObject } from './kube.js';

/** What ends the full DNS name of every Service. */
export const CLUSTER_SUFFIX = '.svc.cluster.local';

export interface ServicePort {
  name?: string;
  port?: number;
  protocol?: string;
  appProtocol?: string;
  targetPort?: unknown;
}

interface ServiceSpec {
  clusterIP?: string;
  ports?: ServicePort[];
  selector?: Record<string, string>;
}

/** The parts of a Service that meshplan reads; the API server sees to it that they are what they should be. */
const specOf = ({ spec }: KubeObject): ServiceSpec => (spec ?? {}) as ServiceSpec;

/** The full DNS name of a Service. */
export const hostOfService = ({ metadata: { name, namespace } }: KubeObject): string =>
  `${name}.${namespace}${CLUSTER_SUFFIX}`;

/** Labels that a Service asks of its pods; none where its endpoints come from elsewhere. */
export const selectorOf = (service: KubeObject): Record<string, string> => specOf(service).selector ?? {};

export const portsOf = (service: KubeObject): ServicePort[] => specOf(service).ports ?? [];

export const isHeadless = (service: KubeObject): boolean => specOf(service).clusterIP === 'None';
