import { CLUSTER_SUFFIX, hostOfService } from '../../model/service.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import { isService } from '../resolve/workloads.js';
import { itemsAt } from './nodes.js';
import { isOfGroup, type PlacedObject } from './placed-objects.js';

/** Namespaces whose Services come with the cluster or with Istio, not with manifests. */
const NAMESPACES_OF_OTHERS = new Set(['istio-system', 'kube-system']);

/** The Services and ServiceEntries that manifests bring, by the hosts that they answer to. */
export class KnownHosts {
  readonly #exact = new Set<string>();
  readonly #suffixes: string[] = [];

  constructor(objects: ManifestObject[]) {
    for (const item of objects) {
      if (isService(item)) this.#exact.add(hostOfService(item.object));
      if (isOfGroup(item, 'networking.istio.io', 'ServiceEntry')) this.#addEntry(item);
    }
  }

  /** Whether a host is there, or nothing can be said of it: wildcards, and Services that others bring. */
  has(host: string): boolean {
    if (host.includes('*') || this.#exact.has(host)) return true;
    if (this.#suffixes.some((suffix) => host.endsWith(suffix))) return true;
    const [, namespace = ''] = host.split('.');
    return host.endsWith(CLUSTER_SUFFIX) && NAMESPACES_OF_OTHERS.has(namespace);
  }

  /** The full name that an incomplete one (`backend.production`) stands for, where there is such a Service. */
  meantBy(host: string): string | undefined {
    return [...this.#exact].find((known) => known !== host && known.startsWith(`${host}.`));
  }

  /** Full names, for suggestions. */
  get all(): string[] {
    return [...this.#exact];
  }

  #addEntry({ tree }: ManifestObject): void {
    for (const host of itemsAt(tree, ['spec', 'hosts'])) {
      if (host.kind !== 'scalar' || typeof host.value !== 'string') continue;
      if (host.value.startsWith('*')) this.#suffixes.push(host.value.slice(1));
      else this.#exact.add(host.value);
    }
  }
}

/** Where sidecars use a VirtualService: it names no gateways, or `mesh` among them. */
export function isForMesh({ tree }: PlacedObject): boolean {
  const gateways = itemsAt(tree, ['spec', 'gateways']);
  return gateways.length === 0 || gateways.some((node) => node.kind === 'scalar' && node.value === 'mesh');
}
