/** What decides which rules an entry of `spec.traffic` makes; as it is written, or as it is resolved. */
export interface TrafficParts {
  routes?: readonly unknown[];
  subsets?: object;
  failover?: readonly unknown[];
  distribute?: readonly unknown[];
  outlierDetection?: object;
  connectionPool?: object;
  loadBalancer?: object;
  tls?: object;
}

export type TrafficKind = 'VirtualService' | 'DestinationRule';

/** The kinds of rules that an entry of `spec.traffic` makes. Empty lists and maps make none. */
export function kindsMadeBy(parts: TrafficParts): TrafficKind[] {
  const { routes = [], subsets = {}, failover = [], distribute = [] } = parts;
  const { outlierDetection, connectionPool, loadBalancer, tls } = parts;
  const hasPolicy =
    Object.keys(subsets).length + failover.length + distribute.length > 0 ||
    [outlierDetection, connectionPool, loadBalancer, tls].some((part) => part !== undefined);
  return [
    ...(routes.length > 0 ? ['VirtualService' as const] : []),
    ...(hasPolicy ? ['DestinationRule' as const] : []),
  ];
}
