import type { Diagnostic, Severity } from '../model/diagnostic.js';
import type { ProofRequirement } from '../model/resolved-mesh.js';
import type { Check } from '../model/verify.js';
import { compareProven, type Difference } from './compare.js';
import type { ProofReport, Proven } from './report.js';

/** What a report is judged by. */
export interface ProofInput {
  requirement: ProofRequirement;
  /** The mesh ID of the environment that is required. */
  mesh: string;
  /** What is declared here. */
  declared: Proven;
  /** UIDs of the clusters here, as far as they could be read. */
  uids: ReadonlySet<string>;
  /** The report, or why there is none: the end of a sentence that begins with its file. */
  reading: { report: ProofReport } | { fault: string };
  /** The state of the other environment, where it is at hand. */
  state?: { lineage: string; serial: number; isUnfinished: boolean };
  now: Date;
}

/** Differences that are told one by one. */
const SHOWN = 10;
/** Clocks of two machines differ; a report of tomorrow is none. */
const CLOCKS_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;

/** All that keeps a report from proving what is declared, each a finding of this severity. */
export function proofFindings(input: ProofInput, severity: Severity): Diagnostic[] {
  const { requirement, declared, reading } = input;
  const { environment, report: file, source } = requirement;
  const findingsOf = (messages: string[], hint: string): Diagnostic[] =>
    messages.map((message, index) => ({
      severity,
      code: 'not-proven',
      message,
      // The way out is the same for all, and stands below them.
      ...(index === messages.length - 1 ? { hint } : {}),
      ...source,
    }));
  const again = `Apply it to ${environment} first: meshplan apply --env ${environment} --report ${file.shown}`;
  const ofReport = (faults: string[]) =>
    findingsOf(
      faults.map((fault) => `${file.shown} ${fault}`),
      again,
    );
  if ('fault' in reading) return ofReport([reading.fault]);
  const { report } = reading;
  const foreign = foreignFaults(report, input);
  if (foreign.length > 0) return ofReport(foreign);
  const found = compareProven(report, declared, requirement.except);
  const texts = found.slice(0, SHOWN).map((item) => differenceText(item, environment));
  const more = found.length - SHOWN;
  if (more > 0)
    texts.push(`${more} more ${more === 1 ? 'difference' : 'differences'} from what ${environment} proved`);
  return [
    ...ofReport([...staleFaults(report, input), ...unprovenFaults(report)]),
    ...findingsOf(texts, `${again}; what is meant to differ stands in requires.except.`),
  ];
}

/** Why the report is of something else. */
function foreignFaults(report: ProofReport, { requirement, mesh, state, uids }: ProofInput): string[] {
  const { environment } = requirement;
  if (report.mesh !== mesh) return [`is of mesh ${report.mesh}, and ${environment} is ${mesh}`];
  if (report.environment !== environment)
    return [
      `is of ${report.environment ? `environment ${report.environment}` : 'no environment'}, not of ${environment}`,
    ];
  const lineage = requirement.lineage ?? state?.lineage;
  if (lineage !== undefined && report.state.lineage !== lineage)
    return [
      `is of another ${environment}: its state has the lineage ${report.state.lineage}, and this one ${lineage}`,
    ];
  const shared = report.clusters.find(({ uid }) => uids.has(uid));
  return shared ? [`is of a cluster of this environment: ${shared.name} has the UID ${shared.uid}`] : [];
}

/** Why the report tells of what was. */
function staleFaults(
  { time, state: reported }: ProofReport,
  { requirement, state, now }: ProofInput,
): string[] {
  const { environment, maxAgeHours } = requirement;
  const age = now.getTime() - Date.parse(time);
  const faults: string[] = [];
  if (age < -CLOCKS_MS) faults.push(`is of ${time}, which is still to come`);
  if (age > maxAgeHours * HOUR_MS)
    faults.push(
      `is stale: it was written ${spanText(age)} ago, and may be ${spanText(maxAgeHours * HOUR_MS)} old`,
    );
  if (state && state.serial > reported.serial)
    faults.push(
      `is stale: ${environment} was changed since (serial ${state.serial}, the report has ${reported.serial})`,
    );
  else if (state?.isUnfinished)
    faults.push(`is stale: an apply to ${environment} was begun since and did not end`);
  return faults;
}

const spanText = (ms: number) => {
  const hours = Math.floor(ms / HOUR_MS);
  return hours >= 48 ? `${Math.floor(hours / 24)} days` : `${hours} hours`;
};

/** Why the report shows no mesh that works. */
function unprovenFaults({ clusters, checks }: ProofReport): string[] {
  const failed = checks.filter(({ status }) => status === 'fail');
  return [
    ...failed.map(({ id, cluster }) => `has a failed check: ${id}${cluster ? ` of ${cluster}` : ''}`),
    ...unseen(clusters, checks).map((name) => `has no check that passed in ${name}`),
  ];
}

/** Clusters of which verify could see nothing: there it only warned and skipped. */
export const unseen = (
  clusters: readonly { name: string }[],
  checks: readonly Pick<Check, 'cluster' | 'status'>[],
): string[] =>
  clusters
    .map(({ name }) => name)
    .filter((name) => !checks.some(({ cluster, status }) => cluster === name && status === 'pass'));

function differenceText(difference: Difference, environment: string): string {
  const { address } = difference;
  switch (difference.type) {
    case 'no-counterpart':
      return `${address}: ${environment} has no ${difference.role}`;
    case 'unproved':
      return `${address} is not in ${environment}`;
    case 'missing':
      return `${address} is not here, and ${environment} has it (in ${difference.provedIn})`;
    default: {
      const { pointer, provedIn } = difference;
      const here = 'declared' in difference ? `is ${textOf(difference.declared)}` : 'is not here';
      const there = 'proved' in difference ? `proved ${textOf(difference.proved)}` : 'has nothing there';
      return `${address} ${pointer} ${here}, and ${environment} ${there} (in ${provedIn})`;
    }
  }
}

const LONGEST = 120;

function textOf(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
