import { additionsOf } from '../diff/additions.js';
import { isSensitive } from '../diff/mask.js';
import type { DesiredAction } from '../model/action.js';
import type { DriftEntry } from '../model/drift.js';
import { addressOf, type KubeObject, refOf } from '../model/kube.js';
import { FIELD_MANAGER } from '../model/names.js';
import type { Observation } from '../observe/observe.js';
import { liveValues, signed } from '../plan/drift.js';

/** What others put into our objects beside what is declared: an entry for each object and manager. */
export function addedByOthers(
  actions: DesiredAction[],
  observations: ReadonlyMap<string, Observation>,
): DriftEntry[] {
  return actions
    .flatMap((action) => action.objects)
    .flatMap(({ cluster, object }) => {
      const address = addressOf(refOf(cluster, object));
      const seen = observations.get(address);
      if (seen?.type !== 'present' || !seen.ours) return [];
      const entries = entriesOf(address, seen.predicted);
      return seen.autoscaled ? entries.filter((entry) => !isScale(entry)) : entries;
    });
}

/** The autoscaler decides the number of replicas, whoever wrote it last. */
const isScale = ({ patch }: DriftEntry) => patch.every(({ path }) => path === '/spec/replicas');

/**
 * `predicted` is the object as it would be once every declared field is taken back: what others own in it
 * then is not declared.
 */
function entriesOf(address: string, predicted: KubeObject): DriftEntry[] {
  return additionsOf(predicted, FIELD_MANAGER).map(({ owner, pointers }) => {
    const patch = pointers.toSorted(fromTheEnd).map((path) => ({ op: 'remove' as const, path }));
    return {
      address,
      lens: 'added',
      rule: 'added',
      patch,
      before: liveValues(predicted, patch, isSensitive(predicted)),
      ...signed(owner),
    };
  });
}

/** So that the indexes of what is not yet removed hold. */
const fromTheEnd = (a: string, b: string) => b.localeCompare(a, 'en', { numeric: true });
