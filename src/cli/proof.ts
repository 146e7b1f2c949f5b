import { access, constants, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { declaredProof, type Evidence, placeOf } from '../engine/proof.js';
import { ExitCode, MeshplanError, messageOf } from '../errors/index.js';
import { hasErrorCode, replaceFile, syncFolder } from '../files/durable.js';
import type { Plan } from '../model/plan.js';
import type { PlanRequest } from '../model/request.js';
import type { ProofRequirement } from '../model/resolved-mesh.js';
import type { VerifyReport } from '../model/verify.js';
import { unseen } from '../proof/judge.js';
import { formatReport, parseReport } from '../proof/report-file.js';
import { type OtherEnvironment, openOther } from './other-environments.js';
import { printNote } from './output.js';
import type { Wired } from './wiring.js';

/** What is at hand of the environment that this one requires; undefined where it requires none. */
export async function readEvidence({ mesh, loaded }: Wired): Promise<Evidence | undefined> {
  const { others = [], requires } = mesh.environment ?? {};
  const other = others.find(({ name }) => name === requires?.environment);
  if (!requires || !other) return undefined;
  const [reading, state] = await Promise.all([readReport(requires), stateAtHand(loaded.file, other)]);
  return { whole: loaded.mesh, mesh: other.mesh, reading, ...(state ? { state } : {}) };
}

async function readReport({ report }: ProofRequirement): Promise<Evidence['reading']> {
  try {
    return parseReport(await readFile(report.path, 'utf8'));
  } catch (error) {
    const isMissing = hasErrorCode(error, 'ENOENT');
    return { fault: isMissing ? 'is not there' : `cannot be read: ${messageOf(error)}` };
  }
}

async function stateAtHand(file: string, other: OtherEnvironment): Promise<Evidence['state']> {
  const found = await openOther(file, other);
  if (!found || found.state.serial === 0) return undefined;
  const { lineage, serial } = found.state;
  return { lineage, serial, isUnfinished: found.interrupted.length > 0 };
}

/**
 * Refuses what no report can come of, before anything is done.
 * @throws `report-partial`, `report-unwritable`, each with exit code 3.
 */
export async function checkReport(file: string, request: PlanRequest, isPartial: boolean): Promise<void> {
  const { targets, excludes, abandon } = request;
  const narrowed = [
    ...(targets?.length ? ['--target'] : []),
    ...(excludes?.length ? ['--exclude'] : []),
    ...(abandon?.length ? ['--abandon'] : []),
    ...(isPartial ? ['--partial'] : []),
  ];
  if (narrowed.length > 0) {
    throw new MeshplanError(
      'report-partial',
      `a report is of the whole mesh, so --report and ${narrowed.join(', ')} do not go together`,
      { hint: 'Apply all of it with --report.', exitCode: ExitCode.invalid },
    );
  }
  try {
    await mkdir(dirname(file), { recursive: true });
    await access(dirname(file), constants.W_OK);
    const isOther = await stat(file).then(
      (found) => !found.isFile(),
      () => false,
    );
    if (isOther) throw new Error('it is there, and no file');
  } catch (error) {
    throw unwritable(file, error, ExitCode.invalid);
  }
}

const unwritable = (file: string, error: unknown, exitCode: ExitCode) =>
  new MeshplanError('report-unwritable', `${file} cannot be written: ${messageOf(error)}`, {
    hint: 'Name a file in a folder that is writable.',
    exitCode,
    cause: error,
  });

/** Writes what was proved, or says why nothing was; whether it was written. */
export async function writeReport(
  file: string,
  wired: Wired,
  plan: Plan,
  evidence: VerifyReport | undefined,
  flags: { env?: string; quiet: boolean },
): Promise<boolean> {
  const why = whyNot(plan, evidence);
  if (why !== undefined || !evidence) {
    printNote(`${file} was not written: ${why}.`);
    return false;
  }
  const { mesh, state, istioctl } = wired;
  const { lineage, serial } = state.state;
  const known = new Map(plan.clusters.map((cluster) => [cluster.name, cluster]));
  const { text, digest } = formatReport({
    mesh: mesh.name,
    ...(flags.env === undefined ? {} : { environment: flags.env }),
    time: new Date().toISOString(),
    state: { lineage, serial },
    versions: { declared: mesh.istio.version, istioctl },
    clusters: mesh.clusters.map((cluster) => {
      const { uid = '', version = '' } = known.get(cluster.name) ?? {};
      return { ...placeOf(cluster), uid, kubernetes: version };
    }),
    checks: evidence.checks.map(({ hint: _, ...check }) => check),
    objects: (await declaredProof(wired.context)).objects,
  });
  try {
    // A link stays one.
    const target = await realpath(file).catch(() => file);
    await replaceFile(target, `${target}.${process.pid}.tmp`, text);
    await syncFolder(dirname(target));
  } catch (error) {
    throw unwritable(file, error, ExitCode.failed);
  }
  if (!flags.quiet) printNote(`Proved; written to ${file}, digest ${digest}`);
  return true;
}

/** Why an apply proved nothing: the rest of a sentence. */
function whyNot(plan: Plan, evidence: VerifyReport | undefined): string | undefined {
  if (!plan.complete) return 'not all of the mesh could be read';
  const left = plan.actions
    .flatMap(({ reason, objects }) => [reason, ...objects.map((object) => object.reason)])
    .some((reason) => reason === 'not-planned' || reason === 'not-selected');
  if (left) return 'the plan leaves as it is what differs as well';
  if (!evidence) return 'the apply did not come to its end';
  if (!evidence.ok) return 'a check failed';
  const [blind] = unseen(plan.clusters, evidence.checks);
  return blind === undefined ? undefined : `no check passed in ${blind}`;
}
