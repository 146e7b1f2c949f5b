import type { Promotion, TrafficNote } from '../../model/promotion.js';
import type { Colors } from '../output.js';
import { paintDiff } from './edit-text.js';

/** What is promoted, which way and why, and what becomes of mesh.yaml. */
export function renderPromotion(
  { promotion, diff }: { promotion: Promotion; diff: string },
  colors: Colors,
): string {
  const { cluster, from, way, because, moves } = promotion;
  const what =
    way === 'failover'
      ? `Failover: ${from} is fenced, for ${because}.`
      : `Switchover: ${from} becomes a remote of ${cluster}, for ${because}.`;
  const others =
    moves.length > 0 ? [`${moves.join(', ')} ${moves.length === 1 ? 'moves' : 'move'} to it.`] : [];
  const head = [
    `${colors.bold(`Promotes ${cluster}`)} to primary, in the place of ${from}.`,
    ...others,
    what,
  ];
  return [head.join(' '), '', paintDiff(diff.trimEnd(), colors), '', ''].join('\n');
}

const WHEN: Record<TrafficNote['when'], string> = {
  before: 'until then',
  during: 'meanwhile',
  after: 'from then on',
};

/** What traffic feels, in the order of time. */
export function renderTraffic(notes: readonly TrafficNote[], colors: Colors): string {
  const width = Math.max(...Object.values(WHEN).map((text) => text.length));
  const lines = notes.map(({ when, action, text }) => {
    const what = action === undefined ? text : `${colors.bold(action)}: ${text}`;
    return `  ${WHEN[when].padEnd(width)}  ${what}`;
  });
  return ['', colors.bold('What traffic feels'), ...lines].join('\n');
}
