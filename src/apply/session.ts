import type { Context, Survey } from '../engine/context.js';
import { compileFor } from '../engine/survey.js';
import type { DesiredAction } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import type { PlannedAction } from '../model/plan.js';
import { adopterOf } from '../observe/adoption.js';
import { type Observation, observe } from '../observe/observe.js';
import { planAction } from '../plan/plan.js';

/** What is known while a plan is carried out; it grows with every value that becomes known. */
export interface Session {
  readonly facts: Facts;
  readonly observations: Map<string, Observation>;
  desired(id: string): DesiredAction | undefined;
  /** Adds facts and works out anew what depends on them. */
  learn(found: (facts: Facts) => Partial<Facts>): Promise<void>;
  /**
   * Looks at one action's objects again and plans it with what is known now.
   * @throws UnreachableError, ApiError where their cluster does not answer.
   */
  replan(id: string): Promise<PlannedAction | undefined>;
}

/** Starts from what the plan was made of. */
export function openSession(context: Context, survey: Survey): Session {
  const facts: Facts = { ...survey.facts };
  let actions = byId(survey.actions);
  let settling: Promise<void> = Promise.resolve();
  const { objects: observations } = survey.observations;
  return {
    facts,
    observations,
    desired: (id) => actions.get(id),
    learn(found) {
      Object.assign(facts, found(facts));
      // One after the other, so that an older result never replaces a newer one. Each stands for itself: what
      // failed once, such as an istioctl that took too long, may well succeed with the next fact.
      settling = settling
        .catch(() => undefined)
        .then(async () => {
          actions = byId(await compileFor(context, facts));
        });
      return settling;
    },
    async replan(id) {
      const action = actions.get(id);
      if (!action) return undefined;
      const seen = await observe({
        mesh: context.mesh.name,
        objects: action.objects,
        facts,
        clusters: context.clusters,
        known: context.known,
        adopts: adopterOf(context.request, context.mesh.name),
      });
      const [lost] = seen.lost.values();
      if (lost) throw lost;
      for (const [address, observation] of seen.objects) observations.set(address, observation);
      const { planned } = planAction(action, seen.objects, context.known, survey.bare);
      return { ...planned, objects: planned.objects.filter(({ address }) => !survey.held?.has(address)) };
    },
  };
}

const byId = (actions: DesiredAction[]) => new Map(actions.map((action) => [action.id, action]));
