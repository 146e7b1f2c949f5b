import type { Diagnostic } from '../model/diagnostic.js';
import { parseAddress } from '../model/kube.js';
import { isUnread, type Plan } from '../model/plan.js';
import type { InterruptedAction } from '../model/state.js';
import type { OwnedObject } from '../observe/observe.js';
import type { KnownObjects } from '../observe/ours.js';

/** What became of one object of an action that did not end. `replaced`: another object has its name now. */
type Fate = 'there' | 'gone' | 'replaced' | 'unknown';

export interface FateInput {
  interrupted: readonly InterruptedAction[];
  /** Everything in the clusters that is ours. */
  ours: ReadonlyMap<string, OwnedObject>;
  known: KnownObjects;
}

/** The plan with a word on each action that an earlier run began and did not end. */
export function withFates(plan: Plan, input: FateInput): Plan {
  const findings = input.interrupted.map((action) => finding(action, fatesOf(action, plan, input)));
  return { ...plan, diagnostics: [...plan.diagnostics, ...findings] };
}

function fatesOf({ objects }: InterruptedAction, plan: Plan, { ours, known }: FateInput): Fate[] {
  const planned = new Map(
    plan.actions.flatMap((action) => action.objects).map((item) => [item.address, item]),
  );
  const read = new Set(plan.clusters.filter(({ reachable }) => reachable).map(({ name }) => name));
  return objects.map((address) => {
    const cluster = parseAddress(address)?.cluster ?? '';
    const item = planned.get(address);
    if (!read.has(cluster) || (item && isUnread(item.reason))) return 'unknown';
    const uid = item?.uid ?? ours.get(address)?.object.metadata.uid;
    if (uid === undefined) return 'gone';
    return (known.get(address) ?? uid) === uid ? 'there' : 'replaced';
  });
}

function finding({ action, time, phase }: InterruptedAction, fates: Fate[]): Diagnostic {
  const count = (wanted: Fate) => fates.filter((fate) => fate === wanted).length;
  const main =
    phase === 'deleting'
      ? `${count('gone')} of ${objects(fates.length)} ${isAre(fates.length)} gone`
      : `${count('there')} of ${objects(fates.length)} ${isAre(fates.length)} there`;
  const more = [
    ...(count('replaced') > 0 ? [`${count('replaced')} made anew by somebody else`] : []),
    ...(count('unknown') > 0 ? [`${count('unknown')} cannot be read`] : []),
  ];
  const fate = fates.length === 0 ? 'it has no objects of its own' : [main, ...more].join(', ');
  return {
    severity: 'warning',
    code: 'action-interrupted',
    message: `${action} was begun at ${time} and did not end: ${fate}`,
    hint: `meshplan ${phase === 'deleting' ? 'destroy' : 'apply'} goes on from here.`,
  };
}

const objects = (count: number) => `${count} ${count === 1 ? 'object' : 'objects'}`;
const isAre = (count: number) => (count === 1 ? 'is' : 'are');
