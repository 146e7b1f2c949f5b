import { link, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshplanError, messageOf } from '../errors/index.js';
import { hasErrorCode, writeNew } from '../files/durable.js';
import { describeHolder, describeSelf, isDead, isSelf, type LockHolder, parseHolder } from './lock-holder.js';
import { resolveLinks } from './resolve-links.js';

const LOOK_AGAIN_MS = 250;

export interface LockOptions {
  /** What this process runs, for whoever finds the lock held. */
  command: string;
  /** Milliseconds to wait for a lock that somebody else holds; left out, it is refused at once. */
  waitMs?: number;
  /** Told who holds the lock, once for each holder that is waited for. */
  onHeld?: (holder: string) => void;
}

export interface Lock {
  /** Gives the lock back. Does nothing where somebody removed it by hand meanwhile. */
  release(): Promise<void>;
}

/**
 * Takes `FILE.lock`, the right to change the state in `FILE` (where that is a link: beside its target). A
 * lock whose holder ran on this host and has ended is taken over; one of another host never is. Throws `state-locked` naming the holder, or
 * `state-lock-failed` where the file system refuses.
 */
export async function acquireLock(file: string, options: LockOptions): Promise<Lock> {
  const path = await lockPath(file);
  const self = await describeSelf(options.command);
  const deadline = Date.now() + (options.waitMs ?? 0);
  for (let told = ''; ; ) {
    const taker = { ...self, time: new Date().toISOString() };
    const holder = await tryTake(path, taker);
    if (holder === undefined) return { release: () => release(path, taker) };
    if (Date.now() >= deadline) throw locked(path, holder);
    if (holder.id !== told) options.onHeld?.(describeHolder(holder));
    told = holder.id;
    await sleep(Math.min(LOOK_AGAIN_MS, deadline - Date.now()));
  }
}

/** Who changes the state in `file` now, in words; undefined where nobody does, or this process itself. */
export async function runningHolder(file: string): Promise<string | undefined> {
  const holder = await readLock(file).catch(() => undefined);
  if (!holder || (await isSelf(holder)) || (await isDead(holder))) return undefined;
  return describeHolder(holder);
}

/** Who holds the lock on the state in `file`; undefined where nobody does. Throws `state-lock-unreadable`. */
export async function readLock(file: string): Promise<LockHolder | undefined> {
  return readHolder(await lockPath(file));
}

/** Removes the lock on the state in `file`, whoever holds it. False where there was none. */
export async function removeLock(file: string): Promise<boolean> {
  const path = await lockPath(file);
  try {
    await rm(path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return false;
    throw failed(path, error);
  }
}

async function lockPath(file: string): Promise<string> {
  try {
    return `${await resolveLinks(file)}.lock`;
  } catch (error) {
    throw failed(`${file}.lock`, error);
  }
}

/** Takes the lock, or answers who holds it. */
async function tryTake(path: string, self: LockHolder): Promise<LockHolder | undefined> {
  for (;;) {
    if (await place(path, self, link)) return undefined;
    const holder = await readHolder(path);
    if (holder === undefined) continue;
    if (!(await isDead(holder))) return holder;
    if (await takeOver(path, holder, self)) return undefined;
  }
}

/**
 * Puts this process in the place of a dead holder. Only who owns the claim on that very lock may replace
 * it, so of several takers one wins, and none can throw out the winner. A claim is a lock of its own:
 * if its owner dies, it is taken over in the same way.
 */
async function takeOver(path: string, dead: LockHolder, self: LockHolder): Promise<boolean> {
  const claim = `${path}.${dead.id}`;
  const rival = await tryTake(claim, self);
  if (rival !== undefined) {
    await sleep(1);
    return false;
  }
  try {
    const current = await readHolder(path);
    return current?.id === dead.id && (await place(path, self, rename));
  } finally {
    await rm(claim, { force: true });
  }
}

/**
 * Writes the lock aside and moves it into place whole, so that nobody ever reads half a lock.
 * `link` fails where there is one already, as O_EXCL does; `rename` replaces it.
 */
async function place(
  path: string,
  self: LockHolder,
  move: (from: string, to: string) => Promise<void>,
): Promise<boolean> {
  const aside = `${path}.${self.id}.new`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeNew(aside, `${JSON.stringify(self, null, 2)}\n`);
    await move(aside, path);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return false;
    throw failed(path, error);
  } finally {
    await rm(aside, { force: true });
  }
}

async function release(path: string, self: LockHolder): Promise<void> {
  const holder = await readHolder(path);
  if (holder?.id === self.id) await rm(path, { force: true });
}

async function readHolder(path: string): Promise<LockHolder | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw failed(path, error);
  }
  const holder = parseHolder(text);
  if (holder !== undefined) return holder;
  throw new MeshplanError('state-lock-unreadable', `${path} does not say who holds it`, {
    hint: 'If no meshplan runs on this state, remove it with `meshplan state unlock --force`.',
  });
}

function locked(path: string, holder: LockHolder): MeshplanError {
  return new MeshplanError('state-locked', `${path} is held by ${describeHolder(holder)}`, {
    hint: `Wait until it has ended, or let --lock-timeout do so. If it no longer runs on ${holder.host}, remove the lock with \`meshplan state unlock\`.`,
  });
}

function failed(path: string, cause: unknown): MeshplanError {
  return new MeshplanError('state-lock-failed', `${path} cannot be taken: ${messageOf(cause)}`, {
    hint: 'The folder of the state must be writable and its file system must know hard links.',
    cause,
  });
}
