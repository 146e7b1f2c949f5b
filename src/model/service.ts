import { isMap, type JsonMap } from './json.js';
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

/** A manifest may hold anything; what is no Service's the API server tells. */
const specOf = ({ spec }: KubeObject): JsonMap => (isMap(spec) ? spec : {});

/** The full DNS name of a Service. */
export const hostOfService = ({ metadata: { name, namespace } }: KubeObject): string =>
  `${name}.${namespace}${CLUSTER_SUFFIX}`;

/** Labels that a Service asks of its pods; none where its endpoints come from elsewhere. */
export function selectorOf(service: KubeObject): Record<string, string> {
  const { selector } = specOf(service);
  return isMap(selector) ? (selector as Record<string, string>) : {};
}

export function portsOf(service: KubeObject): ServicePort[] {
  const { ports } = specOf(service);
  return Array.isArray(ports) ? ports.filter(isMap).map(portOf) : [];
}

const portOf = ({ name, port, protocol, appProtocol, targetPort }: JsonMap): ServicePort => ({
  ...(typeof name === 'string' ? { name } : {}),
  ...(typeof port === 'number' ? { port } : {}),
  ...(typeof protocol === 'string' ? { protocol } : {}),
  ...(typeof appProtocol === 'string' ? { appProtocol } : {}),
  targetPort,
});

export const isHeadless = (service: KubeObject): boolean => specOf(service).clusterIP === 'None';
