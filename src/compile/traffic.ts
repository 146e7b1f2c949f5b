import type { KubeObject } from '../model/kube.js';
import type { ResolvedRoute, ResolvedTraffic } from '../model/resolved-mesh.js';

/** The version that Istio stores and serves since 1.22. */
const API_VERSION = 'networking.istio.io/v1';

/**
 * The Istio objects of one host: a VirtualService where it has routes, then a DestinationRule where it
 * has subsets, failover or outlier detection. Never two of a kind: of several DestinationRules of one
 * host Istio takes subsets from all, but the traffic policy from the oldest alone.
 */
export function trafficObjects(rule: ResolvedTraffic): KubeObject[] {
  const objects: KubeObject[] = [];
  if (rule.routes.length > 0) objects.push(virtualService(rule));
  const policy = trafficPolicy(rule);
  const subsets = Object.entries(rule.subsets).map(([name, labels]) => ({ name, labels }));
  if (policy === undefined && subsets.length === 0) return objects;
  const spec = {
    host: rule.host,
    ...(policy === undefined ? {} : { trafficPolicy: policy }),
    ...(subsets.length === 0 ? {} : { subsets }),
  };
  return [...objects, istioObject('DestinationRule', rule, spec)];
}

/** What meshplan decided about a host, or what its rules lead to, as sentences for the plan. */
export function trafficNotes(rule: ResolvedTraffic): string[] {
  const notes = ejectionNotes(rule);
  if (rule.routes.length > 0 && rule.routes.every((route) => route.match !== undefined)) {
    notes.push('every route has a match, so a request that fits none of them is answered with 404.');
  }
  return notes.map((note) => `${rule.host}: ${note}`);
}

function ejectionNotes(rule: ResolvedTraffic): string[] {
  if (widensEjection(rule)) {
    return [
      'outlierDetection.maxEjectionPercent is set to 100 because failover is declared; ' +
        'at the default of 10 % a region whose pods all fail would keep its traffic.',
    ];
  }
  const share = rule.outlierDetection?.maxEjectionPercent ?? 100;
  if (rule.failover.length === 0 || share === 100) return [];
  // Istio leaves 0 out of what it sends to Envoy, which then takes its default.
  const meaning = share === 0 ? '0 means the default of 10 %' : `${share} %`;
  return [
    `outlierDetection.maxEjectionPercent is kept as declared (${meaning}), ` +
      'so requests may keep going to failing pods instead of failing over.',
  ];
}

function virtualService(rule: ResolvedTraffic): KubeObject {
  const http = rule.routes.map((route) => httpRoute(rule.host, route));
  return istioObject('VirtualService', rule, { hosts: [rule.host], http });
}

function httpRoute(host: string, route: ResolvedRoute): Record<string, unknown> {
  const { match, to, timeout, retries } = route;
  return {
    ...(match === undefined ? {} : { match: [httpMatch(match)] }),
    route: to.map(({ subset, weight }) => ({
      destination: { host, ...(subset === undefined ? {} : { subset }) },
      // Istio gives a single destination everything; a weight there says nothing.
      ...(weight === undefined || to.length === 1 ? {} : { weight }),
    })),
    ...(timeout === undefined ? {} : { timeout }),
    ...(retries === undefined ? {} : { retries }),
  };
}

/** One HTTPMatchRequest: all conditions in it must hold. Istio calls the path `uri`. */
function httpMatch({ path, ...match }: NonNullable<ResolvedRoute['match']>): Record<string, unknown> {
  return { ...match, ...(path === undefined ? {} : { uri: path }) };
}

function trafficPolicy(rule: ResolvedTraffic): Record<string, unknown> | undefined {
  const policy: Record<string, unknown> = {};
  if (rule.failover.length > 0) {
    const failover = rule.failover.map(({ from, to }) => ({ from, to }));
    // `enabled` also holds where the mesh configuration turns locality load balancing off.
    policy.loadBalancer = { localityLbSetting: { enabled: true, failover } };
  }
  const detection = outlierDetection(rule);
  if (detection !== undefined) policy.outlierDetection = detection;
  return Object.keys(policy).length === 0 ? undefined : policy;
}

function outlierDetection(rule: ResolvedTraffic): Record<string, unknown> | undefined {
  if (widensEjection(rule)) return { ...rule.outlierDetection, maxEjectionPercent: 100 };
  const declared = rule.outlierDetection;
  if (declared === undefined || Object.keys(declared).length > 0) return declared;
  // An empty object means detection with all defaults. Server-side apply turns it into null where it
  // follows one with fields, and the API server refuses that: so it gets one default, Envoy's, by name.
  return { consecutive5xxErrors: 5 };
}

/**
 * Envoy ejects at most 10 % of a host's pods unless told otherwise, so a region whose pods all fail
 * would keep its traffic. A share that the user wrote is kept.
 */
function widensEjection(rule: ResolvedTraffic): boolean {
  return rule.failover.length > 0 && rule.outlierDetection?.maxEjectionPercent === undefined;
}

/** Named after the Service, in its namespace: where a reader looks first, and one per host. */
function istioObject(kind: string, rule: ResolvedTraffic, spec: Record<string, unknown>): KubeObject {
  const [name = rule.host] = rule.host.split('.');
  return { apiVersion: API_VERSION, kind, metadata: { name, namespace: rule.namespace }, spec };
}
