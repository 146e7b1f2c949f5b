import type { ActionKind, Impact } from '../model/action.js';
import type { Plan } from '../model/plan.js';
import type { Promotion, TrafficNote } from '../model/promotion.js';

/**
 * What traffic feels of a promotion, from before it to after it. What happens in between is what the plan says of
 * its actions.
 */
export function trafficNotes(promotion: Promotion, plan: Plan): TrafficNote[] {
  const during = plan.actions
    .filter(({ change, impact }) => change !== 'noop' && impact !== 'none')
    .map(
      ({ id, kind, cluster, impact, notes = [] }): TrafficNote => ({
        when: 'during',
        action: id,
        text:
          TURNS.has(kind) && notes.length > 0 ? notes.join('; ') : (STEPS[kind]?.(cluster) ?? FELT[impact]),
      }),
    );
  return [...before(promotion), ...during, ...after(promotion)];
}

const FELT: Record<Impact, string> = {
  none: 'nothing is felt',
  'new-pods': 'pods that start from then on differ; those that run feel nothing',
  'control-plane-restart': 'istiod is rolled out; proxies go on with what they know',
  'proxies-reconnect': 'proxies find their way anew; requests go on with what they know meanwhile',
  'mtls-risk': 'trust changes: connections may fail until all have followed',
};

/** Steps by which a cluster turns from one istiod to another: their notes, where they have some, say what that is like. */
const TURNS: ReadonlySet<ActionKind> = new Set(['control-plane', 'data-plane', 'removal']);

/** What is felt of other steps, and of these without a note. */
const STEPS: Partial<Record<ActionKind, (cluster: string) => string>> = {
  'reader-token': (cluster) =>
    `whoever holds the old token can no longer read ${cluster}; proxies feel nothing`,
  federation: (cluster) => `istiod of ${cluster} reads one cluster more; proxies learn its endpoints`,
  removal: () => 'goes last, when nothing leans on it any more',
};

const list = (names: readonly string[]) => names.join(', ');

function before({ cluster, from, way, moves }: Promotion): TrafficNote[] {
  const led = [cluster, ...moves];
  if (way === 'switchover') {
    return [{ when: 'before', text: `istiod of ${from} serves ${list([from, ...led])}; nothing is felt` }];
  }
  return [
    {
      when: 'before',
      text: `since ${from} is away, requests between living pods of ${list(led)} go on with what their proxies know`,
    },
    {
      when: 'before',
      text: `no pod with a sidecar can be created in ${list(led)}: ${led.length > 1 ? 'their injectors are' : 'its injector is'} not answered`,
    },
    {
      when: 'before',
      text: 'pods that come and go are not made known to proxies; certificates end within 24 hours (by default) of their issue and are not renewed',
    },
  ];
}

function after({ cluster, from, way, moves }: Promotion): TrafficNote[] {
  const led = way === 'switchover' ? [cluster, from, ...moves] : [cluster, ...moves];
  const served: TrafficNote = {
    when: 'after',
    text: `istiod of ${cluster} serves ${list(led)}; no pod was restarted, and the root is the same`,
  };
  if (way === 'switchover') return [served];
  return [
    served,
    {
      when: 'after',
      text: `pods of ${from} that live on are trusted as long as their certificates hold; endpoints of ${from} are taken out`,
    },
  ];
}
