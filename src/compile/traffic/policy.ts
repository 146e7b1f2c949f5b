import type { ResolvedTraffic } from '../../model/resolved-mesh.js';

type Policy = Record<string, unknown>;

/** What a DestinationRule says of the whole host; undefined where it says nothing, for Istio refuses an empty one. */
export function trafficPolicy(rule: ResolvedTraffic): Policy | undefined {
  const { connectionPool, tls } = rule;
  return unlessEmpty({
    loadBalancer: unlessEmpty({ ...rule.loadBalancer, localityLbSetting: localityLbSetting(rule) }),
    outlierDetection: outlierDetection(rule),
    connectionPool,
    tls,
  });
}

/** The subsets of a DestinationRule. What a subset's policy leaves out, Istio takes from the host's. */
export function subsetsOf({ subsets, subsetPolicies }: ResolvedTraffic): Policy[] {
  return Object.entries(subsets).map(([name, labels]) => {
    const policy = subsetPolicies[name];
    return { name, labels, ...(policy === undefined ? {} : { trafficPolicy: policy }) };
  });
}

/** `enabled` also holds where the mesh configuration turns locality load balancing off. */
function localityLbSetting({ failover, distribute }: ResolvedTraffic): Policy | undefined {
  if (failover.length > 0) {
    return { enabled: true, failover: failover.map(({ from, to }) => ({ from, to })) };
  }
  return distribute.length > 0 ? { enabled: true, distribute } : undefined;
}

function outlierDetection(rule: ResolvedTraffic): Policy | undefined {
  if (widensEjection(rule)) return { ...rule.outlierDetection, maxEjectionPercent: 100 };
  const declared = rule.outlierDetection;
  if (declared === undefined || Object.keys(declared).length > 0) return declared as Policy | undefined;
  // An empty object means detection with all defaults. Server-side apply turns it into null where it
  // follows one with fields, and the API server refuses that: so it gets one default, Envoy's, by name.
  return { consecutive5xxErrors: 5 };
}

/**
 * Envoy ejects at most 10 % of a host's pods unless told otherwise, so a region whose pods all fail
 * would keep its traffic. A share that the user wrote is kept.
 */
export function widensEjection(rule: ResolvedTraffic): boolean {
  return rule.failover.length > 0 && rule.outlierDetection?.maxEjectionPercent === undefined;
}

function unlessEmpty(fields: Policy): Policy | undefined {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
