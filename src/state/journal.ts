import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncFolder } from '../files/durable.js';
import {
  type BeginEntry,
  type EndEntry,
  encodeEntry,
  type Fact,
  type JournalEntry,
} from './journal-entries.js';
import { JournalWriter } from './journal-writer.js';

/** What a run did since the state was last saved. A promise resolves once its entry is on the disk. */
export interface Journal {
  /** To be awaited before the action touches anything. */
  begin(entry: Pick<BeginEntry, 'action' | 'phase' | 'objects'>): Promise<void>;
  /** To be called as soon as a fact is known, e.g. an object's UID. */
  record(fact: Fact): Promise<void>;
  /** To be called when the action is over, whichever way. */
  end(entry: Pick<EndEntry, 'action' | 'outcome'>): Promise<void>;
  /**
   * Ends the run: removes the file if a save covers all it says and no action is left open.
   * Otherwise it stays, for the next run to read.
   */
  close(): Promise<void>;
}

/** The journal of an open state: every entry is folded into the state in memory, then written. */
export class RunJournal implements Journal {
  readonly #file: string;
  readonly #writer: JournalWriter;
  readonly #owner: { lineage: string; mesh: string; fold: (entry: JournalEntry) => void };
  readonly #open = new Set<string>();
  #needsHeader: boolean;
  #written = 0;
  #covered: number | undefined;

  constructor(
    file: string,
    validBytes: number,
    owner: { lineage: string; mesh: string; fold: (entry: JournalEntry) => void },
  ) {
    this.#file = file;
    this.#writer = new JournalWriter(file, validBytes);
    this.#needsHeader = validBytes === 0;
    this.#owner = owner;
  }

  begin({ action, phase, objects }: Pick<BeginEntry, 'action' | 'phase' | 'objects'>): Promise<void> {
    this.#open.add(action);
    return this.#append({ type: 'begin', time: now(), action, phase, objects });
  }

  record(fact: Fact): Promise<void> {
    return this.#append({ ...fact, time: now() });
  }

  end({ action, outcome }: Pick<EndEntry, 'action' | 'outcome'>): Promise<void> {
    this.#open.delete(action);
    return this.#append({ type: 'end', time: now(), action, outcome });
  }

  /** False once an entry could not be written: what was recorded since is in memory alone. */
  get isWhole(): boolean {
    return this.#writer.isWhole;
  }

  /** How many entries there are; a save that starts now covers them. */
  mark(): number {
    return this.#written;
  }

  /** A save that covers the first `mark` entries is on the disk. */
  covered(mark: number): void {
    this.#covered = mark;
  }

  async close(): Promise<void> {
    await this.#writer.close();
    if (this.#covered !== this.#written || this.#open.size > 0) return;
    await rm(this.#file, { force: true });
    await syncFolder(dirname(this.#file));
  }

  #append(entry: JournalEntry): Promise<void> {
    this.#owner.fold(entry);
    this.#written += 1;
    const { lineage, mesh } = this.#owner;
    const header = this.#needsHeader
      ? encodeEntry({ type: 'header', formatVersion: '1', lineage, mesh })
      : '';
    this.#needsHeader = false;
    return this.#writer.append(header, encodeEntry(entry));
  }
}

function now(): string {
  return new Date().toISOString();
}
