import type { KubeObject } from '../model/kube.js';
import type { ResolvedTraffic } from '../model/resolved-mesh.js';
import { httpRoute } from './traffic/http-route.js';
import { subsetsOf, trafficPolicy } from './traffic/policy.js';

/** The version that Istio stores and serves since 1.22. */
const API_VERSION = 'networking.istio.io/v1';

/**
 * The Istio objects of one host: a VirtualService where it has routes, then a DestinationRule where it
 * has subsets or a policy. Never two of a kind: of several DestinationRules of one host Istio takes subsets
 * from all, but the traffic policy from the oldest alone.
 */
export function trafficObjects(rule: ResolvedTraffic): KubeObject[] {
  const { host, routes } = rule;
  const objects: KubeObject[] = [];
  if (routes.length > 0) {
    const http = routes.map((route) => httpRoute(host, route));
    objects.push(istioObject('VirtualService', rule, { hosts: [host], http }));
  }
  const policy = trafficPolicy(rule);
  const subsets = subsetsOf(rule);
  if (policy === undefined && subsets.length === 0) return objects;
  const spec = {
    host,
    ...(policy === undefined ? {} : { trafficPolicy: policy }),
    ...(subsets.length === 0 ? {} : { subsets }),
  };
  return [...objects, istioObject('DestinationRule', rule, spec)];
}

/** Named after the Service, in its namespace: where a reader looks first, and one per host. */
function istioObject(kind: string, rule: ResolvedTraffic, spec: Record<string, unknown>): KubeObject {
  const [name = rule.host] = rule.host.split('.');
  return { apiVersion: API_VERSION, kind, metadata: { name, namespace: rule.namespace }, spec };
}
