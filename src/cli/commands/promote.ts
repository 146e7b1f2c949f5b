import { readFile } from 'node:fs/promises';
import type { Survey } from '../../engine/context.js';
import { preflight } from '../../engine/preflight.js';
import { withProof } from '../../engine/proof.js';
import { survey } from '../../engine/survey.js';
import { ExitCode, InvalidInputError, MeshplanError, messageOf } from '../../errors/index.js';
import { rewriteFile } from '../../files/durable.js';
import type { Diagnostic } from '../../model/diagnostic.js';
import type { Plan } from '../../model/plan.js';
import type { Promotion } from '../../model/promotion.js';
import type { ResolvedMesh } from '../../model/resolved-mesh.js';
import { planToJson } from '../../plan/plan-json.js';
import {
  changesParts,
  editsFor,
  notAsMeant,
  otherRemotes,
  primaryToReplace,
  promotionFindings,
  sharedFinding,
  unreadParts,
} from '../../plan/promotion.js';
import { trafficNotes } from '../../plan/promotion-traffic.js';
import { colorsFor, printNote, printResult } from '../output.js';
import { readEvidence } from '../proof.js';
import { unifiedDiff } from '../render/edit-text.js';
import { renderPromotion, renderTraffic } from '../render/promotion-text.js';
import { loadDeclaration, type Wired, wire } from '../wiring.js';
import { type CarryFlags, carryOut, underLock } from './carry-out.js';
import { exitCodeOf, showPlan } from './plan.js';
import { wayOf } from './promotion-way.js';
import { announce } from './tell.js';

export interface PromoteFlags extends CarryFlags {
  cluster: string;
  /** Fences the old primary, whether it answers or not. */
  fence: boolean;
}

/** A promotion, and what it makes of mesh.yaml. */
export interface Edit {
  promotion: Promotion;
  file: string;
  before: string;
  after: string;
  /** As a unified diff. */
  diff: string;
}

/** `meshplan promote CLUSTER`: edits mesh.yaml so that a remote is the primary, and applies what follows. */
export function promote(flags: PromoteFlags): Promise<ExitCode> {
  const mayChange = flags.autoApprove || process.stdin.isTTY;
  if (!mayChange) return prepare(flags, (wired, edit) => show(wired, edit, flags));
  return underLock(flags, `meshplan promote ${flags.cluster}`, () =>
    prepare(flags, (wired, edit) => carryOutPromotion(wired, edit, flags)),
  );
}

/** Works out the edit, and opens the mesh as it is after it. */
async function prepare(
  flags: PromoteFlags,
  run: (wired: Wired, edit: Edit) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { loaded, edit, warnings } = await editOf(flags);
  const wired = await wire(flags, loaded);
  wired.context.diagnostics.push(...warnings);
  try {
    return await run(wired, edit);
  } finally {
    wired.close();
  }
}

async function editOf(flags: PromoteFlags) {
  const declared = await loadDeclaration(flags);
  const { mesh, file, tree } = declared;
  const from = primaryToReplace(mesh, flags.cluster);
  const before = await readFile(file, 'utf8');
  const promotion: Promotion = {
    cluster: flags.cluster,
    from: from.name,
    ...(await wayOf(mesh, from, flags)),
    moves: otherRemotes(mesh, from.name, flags.cluster),
  };
  const { editClusters, namesField } = await import('../../config/index.js');
  const edits = editsFor(promotion, (name) => namesField(tree, name, 'primary'));
  const after = editClusters({ file, text: before, tree }, edits);
  const loaded = await loadDeclaration(flags, true, after).catch(asPromoted);
  const wrong = notAsMeant(mesh, loaded.mesh, promotion);
  if (wrong.length > 0) throw undone(file, wrong);
  const edit: Edit = { promotion, file, before, after, diff: await unifiedDiff(file, before, after) };
  const warnings = [
    ...promotionFindings(mesh, loaded.mesh, promotion),
    ...(await sharedFindings(flags, mesh, after)),
  ];
  return { loaded, edit, warnings };
}

/** Tells of other environments that the edit changes as well; one that is not in order is none of this. */
async function sharedFindings(
  flags: PromoteFlags,
  { environment }: ResolvedMesh,
  after: string,
): Promise<Diagnostic[]> {
  if (environment === undefined) return [];
  const changed: string[] = [];
  for (const { name } of environment.others) {
    const [was, is] = await Promise.all(
      [undefined, after].map((text) =>
        loadDeclaration({ ...flags, env: name, strict: false }, true, text).catch(() => undefined),
      ),
    );
    if (was && (!is || changesParts(was.mesh, is.mesh))) changed.push(name);
  }
  return changed.length > 0 ? [sharedFinding(environment.name, changed)] : [];
}

/** The file is in order, but as it is to be it would not be. */
function asPromoted(error: unknown): never {
  if (error instanceof InvalidInputError)
    printNote('mesh.yaml would not be valid after the promotion; lines are those of the edited file:');
  throw error;
}

const undone = (file: string, clusters: string[]) =>
  new MeshplanError('edit-refused', `an overlay undoes the edit of ${file} for ${clusters.join(', ')}`, {
    hint: 'Take role and primary of these clusters out of the overlays.',
    exitCode: ExitCode.invalid,
  });

/** Where nobody can be asked: the edit and the plan, and how to carry them out. */
async function show(wired: Wired, edit: Edit, flags: PromoteFlags): Promise<ExitCode> {
  const found = await preflight(wired.context, await look(wired, edit), 'warning');
  const { plan } = await withProof(wired.context, found, await readEvidence(wired), 'warning');
  if (flags.output === 'json') printResult(JSON.stringify(promotionToJson(edit, plan), null, 2));
  else {
    const colors = colorsFor(process.stdout, flags.color);
    printResult(renderPromotion(edit, colors));
    showPlan(plan, flags);
    printResult(renderTraffic(trafficNotes(edit.promotion, plan), colors));
  }
  const exitCode = exitCodeOf(plan, false);
  printNote(
    exitCode === ExitCode.failed || exitCode === ExitCode.invalid
      ? 'Nothing was changed. Mend what is named as an error first.'
      : `Nothing was changed, for there is no terminal to ask on. To carry this out: meshplan promote ${flags.cluster} -y, with the same flags.`,
  );
  return exitCode;
}

async function look({ context }: Wired, { promotion }: Edit): Promise<Survey> {
  const found = await survey(context);
  const { plan } = found;
  const diagnostics = [...plan.diagnostics, ...unreadParts(promotion, plan)];
  return { ...found, plan: { ...plan, diagnostics } };
}

function carryOutPromotion(wired: Wired, edit: Edit, flags: PromoteFlags): Promise<ExitCode> {
  const isText = flags.output === 'text';
  const print = isText ? printResult : printNote;
  const colors = colorsFor(isText ? process.stdout : process.stderr, flags.color);
  const isShort = flags.autoApprove && (flags.quiet || !isText);
  return carryOut(wired, flags, {
    verb: 'apply',
    look: () => look(wired, edit),
    announce(plan) {
      if (!isShort) print(renderPromotion(edit, colors));
      announce(plan, flags);
      if (!isShort) print(renderTraffic(trafficNotes(edit.promotion, plan), colors));
    },
    // It is for emergencies, which no other environment can be asked about first.
    proof: 'warning',
    question: `Write ${edit.file}, and apply this plan to`,
    begin: () => write(edit, flags, wired.mesh),
  });
}

/** From here on mesh.yaml says it all: whatever comes in between, an apply goes on. */
async function write(
  { file, before, after, promotion }: Edit,
  { cluster, quiet }: PromoteFlags,
  { environment }: ResolvedMesh,
): Promise<void> {
  try {
    if ((await readFile(file, 'utf8')) !== before) {
      throw new MeshplanError('edit-stale', `${file} was changed meanwhile`, {
        hint: `Nothing was written. Run meshplan promote ${cluster} again.`,
      });
    }
    await rewriteFile(file, after);
  } catch (error) {
    if (error instanceof MeshplanError) throw error;
    throw new MeshplanError('edit-unwritable', `${file} cannot be written: ${messageOf(error)}`, {
      hint: 'Nothing was changed. Make the edit that is shown by hand, then run meshplan apply.',
      cause: error,
    });
  }
  // What only warns here refuses an apply, but one that goes on with a failover.
  const isRefused = environment?.requires !== undefined && promotion.way === 'switchover';
  const once = isRefused ? ', once `requires` is fulfilled or taken out' : '';
  if (!quiet)
    printNote(
      `${file} is written: commit it. Whatever comes in between, meshplan apply goes on from here${once}.`,
    );
}

/** The plan's form, with what the promotion is. */
function promotionToJson({ promotion, file, diff }: Edit, plan: Plan) {
  return {
    ...planToJson(plan),
    promotion: { ...promotion, file, diff, traffic: trafficNotes(promotion, plan) },
  };
}
