import type { PlannedAction, PlannedObject } from '../model/plan.js';
import type { Observation } from '../observe/observe.js';
import type { Recorder } from './recorder.js';

/** What a run did, in the classes of a plan's summary. */
export interface Changes {
  created: number;
  updated: number;
  replaced: number;
  deleted: number;
}

/** The part of the recorder that an apply writes to. */
export type RunRecorder = Pick<
  Recorder,
  'begin' | 'applied' | 'deleted' | 'released' | 'certified' | 'end' | 'finish'
>;

/**
 * Counts what is written and deleted as it is recorded, so that a run that failed half-way counts right too.
 * A plan's own numbers would not do: part of it is decided only while it is carried out.
 */
export class Tally {
  readonly #written = new Map<string, 'created' | 'updated' | 'replaced'>();
  readonly #deleted = new Set<string>();
  readonly #observations: Map<string, Observation>;

  /** `observations`: what is known of each object; kept up to date by the run. */
  constructor(observations: Map<string, Observation>) {
    this.#observations = observations;
  }

  /** The recorder, counting what passes. */
  watch(recorder: RunRecorder): RunRecorder {
    return {
      begin: (...entry) => recorder.begin(...entry),
      certified: (...entry) => recorder.certified(...entry),
      end: (...entry) => recorder.end(...entry),
      finish: (...entry) => recorder.finish(...entry),
      released: (...entry) => recorder.released(...entry),
      applied: (action, address, uid) => {
        this.#noteWritten(address);
        return recorder.applied(action, address, uid);
      },
      deleted: (action, address) => {
        this.#deleted.add(address);
        return recorder.deleted(action, address);
      },
    };
  }

  /** All changes, once the actions `done` are. */
  changes(done: readonly PlannedAction[]): Changes {
    const written = [...this.#written.values()];
    const unseen = done.flatMap(unrecorded);
    const count = (what: 'created' | 'updated' | 'replaced', planned: PlannedObject['change']) =>
      written.filter((item) => item === what).length + unseen.filter((change) => change === planned).length;
    const gone = [...this.#deleted].filter((address) => !this.#written.has(address)).length;
    return {
      created: count('created', 'create'),
      updated: count('updated', 'update'),
      replaced: count('replaced', 'replace'),
      deleted: gone + unseen.filter((change) => change === 'delete').length,
    };
  }

  #noteWritten(address: string): void {
    const isNew = this.#observations.get(address)?.type === 'absent';
    const isReplaced = !isNew && this.#deleted.has(address);
    this.#written.set(address, isNew ? 'created' : isReplaced ? 'replaced' : 'updated');
  }
}

/**
 * What a plan counts and the recorder never hears of: an action without objects, such as the mesh's root,
 * counts as one; and objects that were there before meshplan are not recorded as its own.
 */
function unrecorded({ objects, change }: PlannedAction): PlannedObject['change'][] {
  return objects.length === 0 ? [change] : objects.filter((item) => item.shared).map((item) => item.change);
}
