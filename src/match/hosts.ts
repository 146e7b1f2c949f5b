import { CLUSTER_SUFFIX } from '../model/service.js';

/** A host as Istio completes it: a name without dots is a Service in the namespace of the rule. */
export const fullHost = (host: string, namespace: string): string =>
  host.includes('.') ? host : `${host}.${namespace}${CLUSTER_SUFFIX}`;

/** Whether a host as an Istio rule of a namespace writes it, short names and leading `*` included, covers a full one. */
export function coversHost(written: string, namespace: string, host: string): boolean {
  if (written === '*') return true;
  if (written.startsWith('*.')) return host.endsWith(written.slice(1));
  if (written === host) return true;
  const [name = '', home = namespace, ...rest] = written.split('.');
  const isShort = rest.length === 0 || (rest.length === 1 && rest[0] === 'svc');
  return isShort && host === `${name}.${home}${CLUSTER_SUFFIX}`;
}
