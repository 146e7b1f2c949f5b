import { surveyDrift } from '../../engine/drift.js';
import type { ExitCode } from '../../errors/index.js';
import type { DriftReport } from '../../model/drift.js';
import type { Facts } from '../../model/facts.js';
import type { SyncReading } from '../../model/verify.js';
import { readSync } from '../../verify/index.js';
import type { PlanningFlags } from '../flags.js';
import { colorsFor, printResult } from '../output.js';
import { driftToJson } from '../render/drift-json.js';
import { renderDrift } from '../render/drift-text.js';
import { printRequests } from '../render/requests.js';
import { type Wired, wire } from '../wiring.js';
import { exitCodeOf, showDiagnostics } from './plan.js';

/** For how long a cluster that istiod still reads may come right: a nightly run may meet a restart. */
const SETTLE_MS = 5_000;

/** `meshplan drift`: what differs, by whom and since when; anything that does is exit code 2. */
export async function drift(flags: PlanningFlags): Promise<ExitCode> {
  const wired = await wire(flags);
  try {
    const report = await findDrift(wired);
    await show(report, flags);
    if (flags.verbose) printRequests(wired.context.clusters);
    return exitCodeOf(report.plan, report.plan.drift.length + report.pending.length > 0);
  } finally {
    wired.close();
  }
}

/** What differs, with what a command has open already. */
export function findDrift(wired: Wired): Promise<DriftReport> {
  const lastRoot = wired.state.state.certificates.root?.fingerprint;
  return surveyDrift(wired.context, {
    readSync: (facts) => askIstiods(wired, facts),
    ...(lastRoot ? { lastRoot } : {}),
  });
}

async function askIstiods({ context, connections }: Wired, facts: Facts): Promise<SyncReading[]> {
  const { connect } = await import('../../kube/http.js');
  const { openPortForwards } = await import('../../kube/port-forward.js');
  const forwards = openPortForwards(connections);
  try {
    return await readSync({
      mesh: context.mesh,
      clusters: context.clusters,
      facts,
      portForward: forwards.get,
      connect,
      settleMs: SETTLE_MS,
    });
  } finally {
    forwards.close();
  }
}

/** Findings go to stderr where the format has no place for them. */
async function show(report: DriftReport, flags: PlanningFlags): Promise<void> {
  if (flags.output === 'text' || flags.output === 'junit') showDiagnostics(report.plan, flags);
  printResult(await rendered(report, flags));
}

async function rendered(report: DriftReport, flags: PlanningFlags): Promise<string> {
  switch (flags.output) {
    case 'json':
      return JSON.stringify(driftToJson(report), null, 2);
    case 'junit':
      return (await import('../render/junit.js')).driftToJunit(report);
    case 'sarif':
      return (await import('../render/sarif.js')).driftToSarif(report, process.cwd(), flags.file);
    case 'markdown':
      return (await import('../render/markdown.js')).driftToMarkdown(report);
    default:
      return renderDrift(report, {
        colors: colorsFor(process.stdout, flags.color),
        verbose: flags.verbose,
      });
  }
}
