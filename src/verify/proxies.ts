import type { ClusterProxies, ProxyCounts, ProxyStatus, ProxySync } from '../model/proxies.js';
import type { Check } from '../model/verify.js';
import type { VerifyContext } from './context.js';
import type { ConnectedProxy } from './syncz.js';

/**
 * The proxies of every cluster, as the check `proxies-synced` saw them last: nothing is asked. Of fenced clusters, which
 * come last, nothing is known.
 * @param down the failed checks `istiod-ready` by primary.
 */
export function clusterProxies(context: VerifyContext, down: ReadonlyMap<string, Check>): ClusterProxies[] {
  const { clusters, fenced } = context.mesh;
  const rows = clusters.map(({ name, primary }): ClusterProxies => {
    const seen = context.proxies.get(primary);
    const row = { cluster: name, primary, istiodVersions: seen?.istiodVersions ?? [] };
    if (seen && 'connected' in seen) return { ...row, ...tableRow(seen.connected, name) };
    return { ...row, unknown: seen?.unknown ?? whyUnasked(context, primary, down) };
  });
  const aside = fenced.map(({ name, primary, since }): ClusterProxies => {
    return { cluster: name, primary, fenced: since, istiodVersions: [] };
  });
  return [...rows, ...aside];
}

function whyUnasked(context: VerifyContext, primary: string, down: ReadonlyMap<string, Check>): string {
  if (!context.probes.get(primary)?.reachable) return `${primary} cannot be reached`;
  return down.has(primary) ? `istiod of ${primary} is not ready` : `istiod of ${primary} was not asked`;
}

/** What one row has beyond its names. */
function tableRow(
  connected: readonly ConnectedProxy[],
  name: string,
): Required<Pick<ClusterProxies, 'counts' | 'versions' | 'proxies'>> {
  const proxies = connected
    .filter(({ cluster }) => cluster === name)
    .map(({ cluster: _, acked: __, ...proxy }): ProxyStatus => proxy);
  const versions: Record<string, number> = {};
  for (const { version } of proxies) versions[version] = (versions[version] ?? 0) + 1;
  return { counts: countsOf(proxies), versions, proxies };
}

export function countsOf(proxies: readonly { status: ProxySync }[]): ProxyCounts {
  const count = (wanted: ProxySync) => proxies.filter(({ status }) => status === wanted).length;
  return {
    connected: proxies.length,
    synced: count('synced'),
    stale: count('stale'),
    notSent: count('not-sent'),
    rejected: count('rejected'),
  };
}
