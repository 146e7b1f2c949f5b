import type { ClusterProxies, ProxyStatus } from '../../model/proxies.js';
import type { Colors } from '../output.js';

const HEADINGS = ['CLUSTER', 'ISTIOD', 'PROXIES', 'SYNCED', 'STALE', 'NOT SENT', 'REJECTED', 'VERSIONS'];
/** Columns that may go where there is no room, as long as nothing is in them. */
const TROUBLES = [4, 5, 6];
const GAP = '  ';

/**
 * The clusters side by side, as `istioctl proxy-status` would count them if it saw all. Where that is wider than
 * `width`, columns that count nothing go, and where it still is, it is a line for each cluster.
 */
export function renderProxies(rows: readonly ClusterProxies[], colors: Colors, width: number): string[] {
  if (rows.length === 0) return [];
  const all = HEADINGS.map((_, column) => column);
  const busy = all.filter(
    (column) => !TROUBLES.includes(column) || rows.some((row) => cellsOf(row)[column] !== '0' && row.counts),
  );
  for (const columns of [all, busy]) {
    const lines = tableOf(rows, columns);
    if (lines.every((line, index) => line.length <= width || (index > 0 && !rows[index - 1]?.counts)))
      return lines.map((line, index) => paintOf(rows[index - 1], colors)(cut(line, width)));
  }
  return rows.map((row) => paintOf(row, colors)(lineOf(row)));
}

function tableOf(rows: readonly ClusterProxies[], columns: readonly number[]): string[] {
  const lines = [HEADINGS, ...rows.map(cellsOf)].map((cells) => columns.map((column) => cells[column] ?? ''));
  // What is said in place of counts stands over their columns, and makes none of them wider.
  const counted = lines.filter((_, index) => index === 0 || rows[index - 1]?.counts);
  const widths = columns.map((_, column) =>
    Math.max(...(column < 2 ? lines : counted).map((cells) => cells[column]?.length ?? 0)),
  );
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(GAP)
      .trimEnd(),
  );
}

/** The text in so many columns at most. */
export const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

function cellsOf(row: ClusterProxies): string[] {
  const names = [row.cluster, istiodOf(row)];
  if (!row.counts) return [...names, row.fenced ? `since ${row.fenced}` : (row.unknown ?? '')];
  const { connected, synced, stale, notSent, rejected } = row.counts;
  return [...names, ...[connected, synced, stale, notSent, rejected].map(String), versionsOf(row)];
}

const istiodOf = ({ primary, istiodVersions, fenced }: ClusterProxies): string => {
  if (fenced) return 'fenced';
  return istiodVersions.length > 0 ? `${primary} (${istiodVersions.join(', ')})` : primary;
};

/** `1.31.2`, or `1.31.2 ×11, 1.30.4 ×1` where they differ. */
export function versionsOf({ versions = {} }: Pick<ClusterProxies, 'versions'>): string {
  const found = Object.entries(versions).sort(([, one], [, other]) => other - one);
  return found.length === 1
    ? (found[0]?.[0] ?? '')
    : found.map(([name, count]) => `${name} ×${count}`).join(', ');
}

function lineOf(row: ClusterProxies): string {
  if (row.fenced) return `${row.cluster}: fenced since ${row.fenced}`;
  const who = `${row.cluster}: istiod of ${istiodOf(row)}`;
  if (!row.counts) return `${who}; ${row.unknown ?? ''}`;
  const versions = versionsOf(row);
  return [`${who}; ${countsText(row.counts)}`, ...(versions ? [versions] : [])].join('; ');
}

const WORDS = { stale: 'stale', notSent: 'not sent', rejected: 'rejected' } as const;

/** `12 proxies, 11 synced, 1 stale` */
export function countsText(counts: NonNullable<ClusterProxies['counts']>): string {
  const troubles = (Object.keys(WORDS) as (keyof typeof WORDS)[])
    .filter((word) => counts[word] > 0)
    .map((word) => `${counts[word]} ${WORDS[word]}`);
  const { connected, synced } = counts;
  return [`${connected} ${connected === 1 ? 'proxy' : 'proxies'}`, `${synced} synced`, ...troubles].join(
    ', ',
  );
}

/** @param row undefined for the headings. */
function paintOf(row: ClusterProxies | undefined, colors: Colors): (text: string) => string {
  if (!row || row.fenced) return colors.dim;
  const { counts, unknown } = row;
  if (unknown || (counts && counts.rejected > 0)) return colors.red;
  return counts && counts.synced < counts.connected ? colors.yellow : (text) => text;
}

/** A line for each proxy that is not synced, by cluster; with `all` for each. */
export function listProxies(rows: readonly ClusterProxies[], all: boolean): string[] {
  return rows.flatMap(({ cluster, proxies = [] }) =>
    proxies
      .filter(({ status }) => all || status !== 'synced')
      .map((proxy) => `${cluster}  ${describeProxy(proxy, all)}`),
  );
}

/** `backend-1.production  stale  CDS, LDS since 2026-11-25T13:41:22Z` */
function describeProxy({ name, kind, status, types, version, istiod }: ProxyStatus, all: boolean): string {
  const reasons = new Map<string, string[]>();
  for (const { type, since, error } of types) {
    const words = [
      ...(since ? [`since ${since.replace(/\.\d+/, '')}`] : []),
      ...(error ? [`(${error})`] : []),
    ];
    const reason = words.join(' ');
    reasons.set(reason, [...(reasons.get(reason) ?? []), type]);
  }
  const why = [...reasons].map(([reason, names]) => `${names.join(', ')} ${reason}`.trim()).join('; ');
  return [
    kind === 'sidecar' ? name : `${name} (${kind === 'router' ? 'gateway' : kind})`,
    status === 'not-sent' ? 'not sent' : status,
    ...(all ? [version, istiod] : []),
    ...(why ? [why] : []),
  ].join(GAP);
}
