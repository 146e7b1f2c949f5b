import type { ApplyReport } from '../../apply/apply.js';
import type { Plan } from '../../model/plan.js';
import type { Standing } from '../../model/standing.js';
import type { Colors } from '../output.js';

/** What a run that did not finish leaves: what is connected, the way on and the way back. */
export function renderStanding(
  plan: Plan,
  result: ApplyReport,
  standings: Standing[],
  command: 'apply' | 'destroy',
  colors: Colors,
): string {
  const next = nextActions(plan, result);
  const first = next.length > 0 ? `, with ${next.slice(0, 3).join(', ')} first` : '';
  const back =
    command === 'apply'
      ? 'apply the declaration as it was before; meshplan destroy removes the whole mesh.'
      : 'meshplan apply makes the mesh again.';
  return [
    'How the mesh stands:',
    ...standings.flatMap((standing) => linesOf(standing, colors)),
    `The way on: meshplan ${command} goes on from here${first}.`,
    `The way back: ${back}`,
  ].join('\n');
}

function linesOf(standing: Standing, colors: Colors): string[] {
  const { cluster, role, primary, points } = standing;
  const name = role === 'primary' ? `${cluster} (primary)` : `${cluster} (remote of ${primary})`;
  const connected = isConnected(standing);
  const good = role === 'primary' ? 'istiod serves' : 'connected';
  const bad = role === 'primary' ? 'istiod does not serve' : 'not connected';
  const verdict =
    connected === undefined
      ? colors.yellow('cannot be told')
      : connected
        ? colors.green(good)
        : colors.red(bad);
  const open = points.filter((point) => point.holds !== true);
  return [
    `  ${name}: ${verdict}`,
    ...open.map(
      ({ claim, holds, why }) => `    ${holds === undefined ? '?' : '✗'} ${claim}${why ? `: ${why}` : ''}`,
    ),
  ];
}

/** Undefined where a cluster could not be asked and nothing else stands against it. */
export function isConnected({ points }: Pick<Standing, 'points'>): boolean | undefined {
  if (points.some((point) => point.holds === false)) return false;
  return points.some((point) => point.holds === undefined) ? undefined : true;
}

/** The actions that the next run begins with: not done, and all that must come first is. */
export function nextActions({ actions }: Plan, { outcomes }: ApplyReport): string[] {
  const isDone = (id: string) => ['done', 'unchanged', undefined].includes(outcomes.get(id));
  return actions.filter(({ id, after }) => !isDone(id) && after.every(isDone)).map(({ id }) => id);
}

/** The same for programs: part of the last line of an apply that did not finish. */
export const standingToJson = (plan: Plan, result: ApplyReport, standings: Standing[]) => ({
  clusters: standings.map((standing) => ({
    name: standing.cluster,
    role: standing.role,
    connected: isConnected(standing) ?? null,
    points: standing.points,
  })),
  next: nextActions(plan, result),
});
