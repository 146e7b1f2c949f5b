import ipaddr from 'ipaddr.js';

interface Peer {
  ipBlock?: { cidr: string; except?: string[] };
  namespaceSelector?: object;
}

export interface PolicySpec {
  ingress: { from?: Peer[]; ports?: { protocol?: string; port: number }[] }[];
}

/** Whoever opens a connection: an address, or a pod of the policy's own cluster. */
export type Caller = string | 'pod';

/**
 * Whether an ingress NetworkPolicy lets a caller reach a TCP port, as Kubernetes defines it: rules add up, one without
 * peers is for everybody, and a block of addresses is not meant for pods. Knows what meshplan's own policy uses:
 * blocks, and a selector of all namespaces.
 */
export function admits({ ingress }: PolicySpec, caller: Caller, port: number): boolean {
  return ingress.some(
    ({ from, ports }) =>
      (ports === undefined || ports.some((item) => item.port === port)) &&
      (from === undefined || from.some((peer) => isMeant(peer, caller))),
  );
}

function isMeant({ ipBlock, namespaceSelector }: Peer, caller: Caller): boolean {
  if (caller === 'pod') return namespaceSelector !== undefined && Object.keys(namespaceSelector).length === 0;
  return (
    ipBlock !== undefined &&
    covers(ipBlock.cidr, caller) &&
    !ipBlock.except?.some((cidr) => covers(cidr, caller))
  );
}

/** Whether a range in CIDR notation has an address. */
function covers(cidr: string, address: string): boolean {
  const [range, bits] = ipaddr.parseCIDR(cidr);
  const own = ipaddr.process(address);
  return own.kind() === range.kind() && own.match(range, bits);
}
