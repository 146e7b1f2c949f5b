import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ExitCode, MeshplanError, messageOf } from '../errors/index.js';
import { hasErrorCode, replaceFile, syncFolder } from '../files/durable.js';
import type { MeshState } from '../model/state.js';
import { emptyState } from './edit.js';
import { dumpState } from './errored.js';
import { formatState, parseState, sameContent } from './format.js';
import { type Journal, RunJournal } from './journal.js';
import { type BeginEntry, decodeJournal, foldEntry, interruptedActions } from './journal-entries.js';
import { isAlive } from './process-identity.js';
import { resolveLinks } from './resolve-links.js';

/** The state of one mesh on the disk, and the journal of the run that changes it. */
export interface StateFile {
  /** The state as saved, with everything that the journal recorded since. */
  readonly state: MeshState;
  /** Actions that an earlier run began and did not end: their objects may be half done. */
  readonly interrupted: readonly BeginEntry[];
  /**
   * Saves `next`, which must be derived from `state` in the same tick, so that no fact recorded
   * meanwhile is lost. The serial grows only if the content changed. Throws `state-changed` where
   * another process saved in between, `state-unwritable` where the file system refuses.
   */
  save(next: MeshState): Promise<void>;
  readonly journal: Journal;
}

/**
 * Reads the state of `mesh`, or starts a fresh one where `file` is missing, and folds in the journal
 * that an interrupted run left. Writes nothing. Errors: see `parseState` and `decodeJournal`;
 * `state-unreadable` where the file system refuses.
 */
export async function openState(file: string, mesh: string): Promise<StateFile> {
  const path = await resolveLinks(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  // The journal first: if a running apply saves in between, the state holds the same facts already.
  const journalBytes = await readIfPresent(`${path}.journal`);
  const text = (await readIfPresent(path))?.toString('utf8');
  const left = decodeJournal(journalBytes ?? Buffer.alloc(0), `${file}.journal`);
  const saved = text === undefined ? undefined : parseState(text, file, mesh);
  if (left.header && (left.header.mesh !== mesh || (saved && saved.lineage !== left.header.lineage))) {
    throw new MeshplanError('journal-foreign', `${file}.journal belongs to another state than ${file}`, {
      hint: 'Put the state that it belongs to back, or move the journal away.',
      exitCode: ExitCode.invalid,
    });
  }
  const base = saved ?? emptyState(mesh, left.header?.lineage ?? randomUUID());
  return new OpenState(path, {
    saved,
    current: left.entries.reduce(foldEntry, base),
    interrupted: interruptedActions(left.entries),
    journalBytes: left.validBytes,
  });
}

class OpenState implements StateFile {
  readonly interrupted: readonly BeginEntry[];
  readonly journal: RunJournal;
  readonly #path: string;
  #saved: MeshState | undefined;
  #current: MeshState;
  #saving: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    start: {
      saved: MeshState | undefined;
      current: MeshState;
      interrupted: BeginEntry[];
      journalBytes: number;
    },
  ) {
    this.#path = path;
    this.#saved = start.saved;
    this.#current = start.current;
    this.interrupted = start.interrupted;
    this.journal = new RunJournal(`${path}.journal`, start.journalBytes, {
      lineage: start.current.lineage,
      mesh: start.current.mesh,
      fold: (entry) => {
        this.#current = foldEntry(this.#current, entry);
      },
    });
  }

  get state(): MeshState {
    return this.#current;
  }

  async save(next: MeshState): Promise<void> {
    const { formatVersion, lineage, mesh } = this.#current;
    this.#current = { ...next, formatVersion, lineage, mesh, serial: this.#current.serial };
    const content = this.#current;
    const covers = this.journal.mark();
    const turn = this.#saving.then(() => this.#write(content));
    this.#saving = turn.catch(() => undefined);
    await turn;
    this.journal.covered(covers);
  }

  async #write(content: MeshState): Promise<void> {
    if (this.#saved && sameContent(this.#saved, content)) return;
    const next = { ...content, serial: (this.#saved?.serial ?? 0) + 1 };
    await this.#put(formatState(next));
    this.#saved = next;
    this.#current = { ...this.#current, serial: next.serial };
  }

  /** Where neither the state nor the journal can be written, what the run did is put elsewhere. */
  async #put(text: string): Promise<void> {
    try {
      await this.#refuseForeignSave();
      await writeState(this.#path, text);
    } catch (error) {
      if (error instanceof MeshplanError && error.code === 'state-changed') throw error;
      const dump = this.journal.isWhole ? undefined : await dumpState(this.#path, text);
      throw unwritable(this.#path, error, this.journal.isWhole, dump);
    }
  }

  /** A lock that was removed by hand can let two runs in; the later one must not erase the other's facts. */
  async #refuseForeignSave(): Promise<void> {
    const text = (await readIfPresent(this.#path))?.toString('utf8');
    const onDisk = text === undefined ? undefined : parseState(text, this.#path, this.#current.mesh);
    const known = this.#saved;
    if (onDisk?.lineage === known?.lineage && onDisk?.serial === known?.serial) return;
    throw new MeshplanError('state-changed', `${this.#path} was changed by another process meanwhile`, {
      hint: 'What this run did is kept in the journal beside it. Run the command again once the other has ended.',
    });
  }
}

async function readIfPresent(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw unreadable(file, error);
  }
}

function unreadable(file: string, cause: unknown): MeshplanError {
  return new MeshplanError('state-unreadable', `${file} cannot be read: ${messageOf(cause)}`, {
    hint: 'Check the path and who may read it.',
    cause,
    exitCode: ExitCode.invalid,
  });
}

async function writeState(path: string, text: string): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  await removeOrphans(path);
  await replaceFile(path, temporaryName(path), text);
  await syncFolder(folder);
}

function unwritable(path: string, cause: unknown, isJournalWhole: boolean, dump: string | undefined) {
  const kept = isJournalWhole
    ? 'The journal keeps what this run did.'
    : dump
      ? `What this run did is in ${dump}; put it in place with: mv ${dump} ${path}`
      : 'The next plan finds by label what this run did.';
  return new MeshplanError('state-unwritable', `${path} cannot be written: ${messageOf(cause)}`, {
    hint: `Check the space on the disk and who may write there. ${kept}`,
    cause,
  });
}

/** The process id in the name tells a crashed writer's leftover from a file that is being written. */
function temporaryName(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}.tmp`;
}

async function removeOrphans(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix)) continue;
    const writer = /^(\d+)-[0-9a-f]{8}\.tmp$/.exec(name.slice(prefix.length))?.[1];
    if (writer !== undefined && !(await isAlive(Number(writer))))
      await rm(join(folder, name), { force: true });
  }
}
