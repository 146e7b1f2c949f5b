import type { Diagnostic, SourceRange } from '../model/diagnostic.js';
import type { DriftEntry, DriftReport } from '../model/drift.js';
import type { Plan } from '../model/plan.js';
import { wantedIn } from '../plan/select.js';
import { addedByOthers } from './added.js';
import { exposureDrift } from './exposure.js';
import { federationDrift } from './federation.js';
import { fencedDrift } from './fenced.js';
import { withoutIgnored } from './ignore.js';
import type { DriftInput } from './input.js';
import { pendingChanges } from './pending.js';
import { trafficDrift } from './traffic.js';
import { trustDrift } from './trust.js';

/** All differences by the three lenses, and what the declaration still asks for. */
export function buildDriftReport(plan: Plan, input: DriftInput): DriftReport {
  const found = [
    ...plan.drift,
    ...addedByOthers(input.actions, input.observations),
    ...trustDrift(input),
    ...federationDrift(input).map((entry) =>
      entry.rule === 'token-rotated' ? withPatch(entry, plan) : entry,
    ),
    ...exposureDrift(input),
    ...trafficDrift(input),
    ...fencedDrift(input),
  ];
  const isWanted = wantedIn(plan);
  const timed = found.filter(({ address }) => isWanted(address)).map((entry) => withTime(entry, input));
  const { kept, dropped, ignored } = withoutIgnored(timed, input.mesh.drift.ignore);
  const unread = unreadFindings(input);
  return {
    plan: {
      ...plan,
      complete: plan.complete && unread.length === 0,
      drift: kept.map((entry) => withSource(entry, plan, input)),
      diagnostics: [...plan.diagnostics.map((item) => asDrift(item, found)), ...unread],
    },
    pending: pendingChanges(plan, [...kept, ...dropped]),
    ignored,
  };
}

function withTime(entry: DriftEntry, { meaning }: DriftInput): DriftEntry {
  const at = meaning.scaled.get(entry.address);
  const isScale = entry.by !== undefined && entry.patch.some(({ path }) => path === '/spec/replicas');
  return at && isScale && !entry.at ? { ...entry, at } : entry;
}

/** The plan writes the new token: what it does to the Secret, and no change of the declaration. */
function withPatch(entry: DriftEntry, plan: Plan): DriftEntry {
  const objects = plan.actions.flatMap((action) => action.objects);
  return { ...entry, patch: objects.find(({ address }) => address === entry.address)?.patch ?? [] };
}

function withSource(entry: DriftEntry, plan: Plan, { mesh }: DriftInput): DriftEntry {
  if (entry.source) return entry;
  const action = plan.actions.find(({ objects }) => objects.some(({ address }) => address === entry.address));
  const cluster = mesh.clusters.find(({ name }) => entry.address.startsWith(`${name}/`));
  const source: SourceRange | undefined = action?.source ?? cluster?.source;
  return source ? { ...entry, source } : entry;
}

/** Errors that stop an apply and are about the clusters, not the input: to `drift` they are what it found. */
const ABOUT_LIVE = new Set(['root-mismatch', 'cacerts-unreadable', 'ca-key-missing']);

function asDrift(item: Diagnostic, found: DriftEntry[]): Diagnostic {
  const isReplaced = found.some(({ rule, address }) => rule === 'replaced' && item.address === address);
  return ABOUT_LIVE.has(item.code) || isReplaced ? { ...item, severity: 'warning' } : item;
}

/** What could not be looked at, so that its silence is not taken for order. */
function unreadFindings({ meaning, sync }: DriftInput): Diagnostic[] {
  const unasked = sync
    .filter(({ status }) => status === 'unread')
    .map(
      ({ cluster, primary, evidence }) => `${cluster}: istiod of ${primary} cannot be asked (${evidence})`,
    );
  return [...meaning.unread, ...unasked].map((message) => ({
    severity: 'warning',
    code: 'drift-unread',
    message,
    hint: 'Give the account of this run the rights that examples/nightly-drift lists.',
  }));
}
