import { isIPv4 } from 'node:net';
import { isLoadBalancer, type Service } from './routes.js';

/** What is to be written into a Service's status, or why it gets no address. */
export type Assignment = { service: Service; ip: string } | { service: Service; refusal: string };

const FIRST_HOST = 1;
const LAST_HOST = 254;

/**
 * The addresses of one cluster's load balancers. They go round: a Service gets the next free one after that which
 * was given last, so a Service that lost its address or was made anew gets another, as in a cloud. A Service
 * keeps its address as long as its status has it, also over the agent's own restart.
 */
export class AddressPool {
  private last: number | undefined;
  /** Given, but not seen in the Service's status yet; by the Service's UID. */
  private readonly pending = new Map<string, string>();
  private readonly network: string;

  /** @param range - a network of 24 bits, e.g. `172.30.1.0/24`. */
  constructor(private readonly range: string) {
    this.network = range.slice(0, range.lastIndexOf('.') + 1);
  }

  /** What is to be done now; until a status shows an address, the same Service is given the same again. */
  assign(services: Service[]): Assignment[] {
    this.forget(services);
    const taken = new Set([...services.flatMap(addressesOf), ...this.pending.values()]);
    this.last ??= Math.max(0, ...[...taken].filter((ip) => this.isOurs(ip)).map(hostOf));
    return services
      .filter((service) => isLoadBalancer(service) && !service.metadata.deletionTimestamp)
      .flatMap((service) => this.assignOne(service, taken) ?? []);
  }

  private assignOne(service: Service, taken: Set<string>): Assignment | undefined {
    const uid = service.metadata.uid ?? '';
    const wanted = service.spec.loadBalancerIP || undefined;
    const current = this.pending.get(uid) ?? addressesOf(service)[0];
    if (current !== undefined && (wanted ?? current) === current)
      return this.pending.has(uid) ? { service, ip: current } : undefined;
    if (wanted !== undefined && !this.isOurs(wanted))
      return {
        service,
        refusal: `loadBalancerIP ${wanted} is not in ${this.range}, the load balancers' range`,
      };
    if (wanted !== undefined && taken.has(wanted))
      return { service, refusal: `loadBalancerIP ${wanted} is another Service's` };
    const ip = wanted ?? this.next(taken);
    if (ip === undefined) return { service, refusal: `no address of ${this.range} is free` };
    taken.add(ip);
    this.pending.set(uid, ip);
    return { service, ip };
  }

  private next(taken: Set<string>): string | undefined {
    const start = this.last ?? 0;
    for (let step = 1; step <= LAST_HOST; step += 1) {
      const host = ((start + step - FIRST_HOST) % LAST_HOST) + FIRST_HOST;
      const ip = `${this.network}${host}`;
      if (taken.has(ip)) continue;
      this.last = host;
      return ip;
    }
    return undefined;
  }

  /** A status that shows the address takes over from what was pending, as does the end of the Service. */
  private forget(services: Service[]): void {
    const byUid = new Map(services.map((service) => [service.metadata.uid ?? '', service]));
    for (const [uid, ip] of this.pending) {
      const service = byUid.get(uid);
      if (!service || addressesOf(service).includes(ip)) this.pending.delete(uid);
    }
  }

  private isOurs(ip: string): boolean {
    const host = hostOf(ip);
    return isIPv4(ip) && ip.startsWith(this.network) && host >= FIRST_HOST && host <= LAST_HOST;
  }
}

const hostOf = (ip: string) => Number(ip.slice(ip.lastIndexOf('.') + 1));

const addressesOf = (service: Service): string[] =>
  (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
