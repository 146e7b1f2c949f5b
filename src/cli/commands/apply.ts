import { surveySaved } from '../../engine/saved.js';
import { survey, surveyDestroy } from '../../engine/survey.js';
import { ExitCode, MeshplanError } from '../../errors/index.js';
import { requestFor } from '../../saved/request.js';
import type { SavedPlan } from '../../saved/saved-plan.js';
import { type PlanFileFlags, requestOf } from '../flags.js';
import { printNote } from '../output.js';
import { checkReport } from '../proof.js';
import { loadDeclaration, type Wired, wire } from '../wiring.js';
import { type CarryFlags, carryOut, type Found, underLock, type Verb } from './carry-out.js';
import { openPlanFile, refuseForeignPlan, refuseForeignState } from './plan-file.js';
import { announce } from './tell.js';

export interface ApplyFlags extends CarryFlags, PlanFileFlags {}

/** `meshplan apply`: plan, ask, apply, verify. */
export const apply = (flags: ApplyFlags): Promise<ExitCode> => open(flags, 'apply');

/** `meshplan destroy`: the same with the plan of removal, and nothing left to verify. */
export const destroy = (flags: ApplyFlags): Promise<ExitCode> => open(flags, 'destroy');

async function open(flags: ApplyFlags, verb: Verb): Promise<ExitCode> {
  if (!flags.autoApprove && !process.stdin.isTTY) throw approvalNeeded(verb);
  const saved = await openPlanFile(flags, verb);
  return saved ? planAndApply(saved.flags, verb, saved.plan) : planAndApply(flags, verb);
}

async function planAndApply(flags: ApplyFlags, verb: Verb, saved?: SavedPlan): Promise<ExitCode> {
  const declaration = await loadDeclaration(flags);
  if (saved) refuseForeignPlan(saved, declaration.mesh.name, flags);
  if (flags.report !== undefined)
    await checkReport(flags.report, saved?.request ?? requestOf(flags), flags.partial);
  return underLock(flags, `meshplan ${verb}`, async () => {
    const request = saved && requestFor(saved.request, flags.maxImpact);
    const wired = await wire(flags, declaration, request);
    try {
      return await carryOut(wired, flags, {
        verb,
        look: () => look(wired, flags, verb, saved),
        announce: (plan) => {
          announce(plan, flags);
          if (saved && !flags.quiet) printNote(`Saved plan ${flags.planFile}, digest ${saved.digest}`);
        },
        question: QUESTIONS[verb],
        ...(verb === 'apply' ? { proof: 'error' as const } : {}),
      });
    } finally {
      wired.close();
    }
  });
}

const QUESTIONS: Record<Verb, string> = {
  apply: 'Apply this plan to',
  destroy: 'Carry out this removal in',
};

const approvalNeeded = (verb: Verb) =>
  new MeshplanError(
    'approval-needed',
    `${verb} asks before it changes anything, and there is no terminal to ask on`,
    { hint: 'Run it on a terminal, or pass --auto-approve (-y).', exitCode: ExitCode.invalid },
  );

async function look(wired: Wired, flags: ApplyFlags, verb: Verb, saved?: SavedPlan): Promise<Found> {
  if (saved) {
    refuseForeignState(saved, wired.state.state, flags);
    return surveySaved(wired.context, saved, flags);
  }
  return verb === 'apply' ? survey(wired.context) : surveyDestroy(wired.context);
}
