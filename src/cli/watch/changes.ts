import type { ClusterProxies, ProxyCounts } from '../../model/proxies.js';
import type { Check, CheckStatus, VerifyReport } from '../../model/verify.js';
import { countsText, versionsOf } from '../render/proxies-text.js';

const WORDS: Record<CheckStatus, string> = { pass: 'pass', warn: 'WARN', fail: 'FAIL', skip: 'skip' };

/** What was told last of each check and each cluster. */
interface Told {
  checks: Map<string, Check>;
  proxies: Map<string, ClusterProxies>;
}

/**
 * Tells what has changed since the look before, in lines without their time. The first look changes nothing.
 *
 * A check that is skipped tells nothing: the failed one that it depends on does.
 */
export function createChanges(): (report: VerifyReport) => string[] {
  let told: Told | undefined;
  return ({ checks, proxies }) => {
    const before = told;
    told ??= { checks: new Map(), proxies: new Map() };
    const lines: string[] = [];
    for (const check of checks) {
      // One kind may be there several times for a cluster, such as for each port: their claims differ.
      const key = `${check.id} ${check.cluster ?? ''} ${check.claim}`;
      const last = told.checks.get(key);
      if (check.status === 'skip' && last) continue;
      told.checks.set(key, check);
      if (before) lines.push(...checkChange(last, check));
    }
    for (const row of proxies) {
      const last = told.proxies.get(row.cluster);
      told.proxies.set(row.cluster, row);
      if (last) lines.push(...proxiesChange(last, row));
    }
    return lines;
  };
}

function checkChange(last: Check | undefined, check: Check): string[] {
  const isSame = last?.status === check.status;
  if (isSame && (check.status === 'pass' || last?.evidence === check.evidence)) return [];
  const was = isSame || !last ? '' : ` (was ${last.status})`;
  const where = check.cluster ? `${check.cluster}: ` : '';
  const evidence = within(where, check.evidence).replaceAll('\n', '; ');
  return [`${where}${check.id} ${WORDS[check.status]}${was}: ${evidence}`];
}

/** A text without the cluster that begins the line already. */
const within = (where: string, text: string): string =>
  text.startsWith(where) ? text.slice(where.length) : text;

function proxiesChange(last: ClusterProxies, row: ClusterProxies): string[] {
  const name = `${row.cluster}: `;
  if (!row.counts || !last.counts) return knowledgeChange(last, row).map((text) => name + text);
  const lines: string[] = [];
  if (JSON.stringify(last.counts) !== JSON.stringify(row.counts))
    lines.push(name + countsChange(last.counts, row.counts));
  // How many are of each Istio follows from the counts, mostly; which there are is news.
  const isNewMix =
    keysOf(last.versions) !== keysOf(row.versions) && row.counts.connected > 0 && last.counts.connected > 0;
  if (isNewMix) lines.push(`${name}proxies of Istio ${versionsOf(row)} (was ${versionsOf(last)})`);
  const [was, is] = [last, row].map(({ istiodVersions }) => istiodVersions.join(', '));
  if (was && is && was !== is) lines.push(`${name}istiod of ${row.primary} is ${is} (was ${was})`);
  return lines;
}

const keysOf = (versions: Record<string, number> = {}): string => Object.keys(versions).sort().join(' ');

function knowledgeChange(last: ClusterProxies, row: ClusterProxies): string[] {
  if (row.counts) return [`${countsText(row.counts)} (was not known)`];
  if (last.counts)
    return [
      `proxies not known (were ${last.counts.connected}): ${within(`${row.cluster}: `, row.unknown ?? '')}`,
    ];
  return [];
}

const COUNTED: [keyof ProxyCounts, string][] = [
  ['synced', 'synced'],
  ['stale', 'stale'],
  ['notSent', 'not sent'],
  ['rejected', 'rejected'],
];

/** `12 proxies, 11 synced (was 12), 1 stale (was 0)` */
function countsChange(last: ProxyCounts, counts: ProxyCounts): string {
  const was = (count: keyof ProxyCounts) => (last[count] === counts[count] ? '' : ` (was ${last[count]})`);
  const { connected } = counts;
  return [
    `${connected} ${connected === 1 ? 'proxy' : 'proxies'}${was('connected')}`,
    ...COUNTED.filter(([count]) => count === 'synced' || counts[count] > 0 || last[count] > 0).map(
      ([count, word]) => `${counts[count]} ${word}${was(count)}`,
    ),
  ].join(', ');
}
