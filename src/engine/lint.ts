import { disproven } from '../lint/disproof.js';
import { isDisprovable, judge, type Verdict } from '../lint/judge.js';
import { liveFindings } from '../lint/live.js';
import { lintNeeds } from '../lint/needs.js';
import type { DesiredAction } from '../model/action.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Facts } from '../model/facts.js';
import { addressOf, refOf, type Unread } from '../model/kube.js';
import type { LintReading } from '../model/lint.js';
import type { Plan } from '../model/plan.js';
import { observeLint } from '../observe/lint.js';
import type { Context } from './context.js';

/** What is left of the findings for a removal, which asks no cluster and needs nothing that one might prove wrong. */
export function verdictOnRemoval({ mesh, lint }: Pick<Context, 'mesh' | 'lint'>): Verdict {
  return judge(lint.found, {
    policy: mesh.lint,
    now: lint.now,
    isStrict: lint.isStrict,
    isLive: false,
    withdrawn: new Set(lint.found.filter(isDisprovable)),
  });
}

/** Asks the clusters what lint rules want to know of them. */
export const readLint = ({ mesh, lint, clusters }: Context, facts: Facts): Promise<LintReading> =>
  observeLint(lintNeeds(mesh, lint.found), { facts, clusters });

/** What the clusters have told beside the reading: findings, and what they did not show. */
export interface Told {
  findings: readonly Diagnostic[];
  unread: readonly Unread[];
}

/** What is left of the findings when the clusters have been asked, with what they alone can tell. */
export function liveVerdict(
  { mesh, lint }: Context,
  { facts, actions }: { facts: Facts; actions: readonly DesiredAction[] },
  reading: LintReading,
  told: Told,
): Verdict {
  const namespaces = new Map(
    Object.entries(facts.clusters).flatMap(([name, known]) =>
      known.reachable ? [[name, known.namespaces] as const] : [],
    ),
  );
  const objects = actions.flatMap((action) => action.objects);
  const declared = new Set(objects.map(({ cluster, object }) => addressOf(refOf(cluster, object))));
  const isAllKnown =
    reading.unread.length + told.unread.length === 0 &&
    Object.values(facts.clusters).every(({ reachable }) => reachable);
  return judge([...lint.found, ...told.findings, ...liveFindings(mesh, reading, declared)], {
    policy: mesh.lint,
    now: lint.now,
    isStrict: lint.isStrict,
    isLive: isAllKnown,
    withdrawn: disproven(lint.found, mesh, reading, namespaces),
  });
}

/** The plan with what waivers keep back. */
export const withWaived = (plan: Plan, { waived }: Verdict): Plan =>
  waived.length > 0 ? { ...plan, waived } : plan;
