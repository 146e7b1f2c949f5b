import ipaddr from 'ipaddr.js';

const hostname = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$/i;

/** Whether a text is an IP address or a hostname. A dotted number that is no IP address is neither. */
export function isHost(text: string): boolean {
  if (ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)) return true;
  return hostname.test(text) && !/^[0-9.]+$/.test(text);
}

/** What is wrong with an address range in CIDR notation; undefined when nothing is. */
export function rangeFault(range: string): { message: string; hint: string } | undefined {
  const isV4 = ipaddr.IPv4.isValidCIDRFourPartDecimal(range);
  if (!isV4 && !ipaddr.IPv6.isValidCIDR(range)) {
    const hint = ipaddr.isValid(range)
      ? `for one address write ${range}/${range.includes(':') ? 128 : 32}`
      : 'for example: 10.0.0.0/8';
    return { message: `\`${range}\` is not an address range in CIDR notation`, hint };
  }
  const kind = isV4 ? ipaddr.IPv4 : ipaddr.IPv6;
  const [address, bits] = ipaddr.parseCIDR(range);
  const network = kind.networkAddressFromCIDR(range);
  if (network.toString() === address.toString()) return undefined;
  return { message: `\`${range}\` has address bits beyond its prefix`, hint: `write ${network}/${bits}` };
}
