import type { Cluster } from '../../model/kube.js';
import { printNote } from '../output.js';

/** How much was asked of each API server; part of --verbose. */
export function printRequests(clusters: Map<string, Cluster>): void {
  for (const [name, cluster] of clusters) {
    const { requests, retries, connections } = cluster.stats();
    const again = retries > 0 ? `, ${retries} of them sent again` : '';
    printNote(`${name}: ${requests} requests over ${connections} connections${again}`);
  }
}
