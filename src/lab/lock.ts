import { rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { MeshplanError } from '../errors/index.js';
import { readIfExists, readJson } from './files.js';
import { startTimeOf } from './host.js';
import type { LabLayout } from './layout.js';
import { isAlive } from './processes.js';

/** Milliseconds in which whoever has just made the lock has surely written into it, too. */
const WRITTEN_MS = 500;
const LOOK_AGAIN_MS = 20;

interface Holder {
  pid: number;
  startTime: string;
  command: string;
}

/**
 * Runs the work while no other command changes the same lab. A lock whose holder is dead is taken over.
 * @throws MeshplanError `lab-busy` that names the holder.
 */
export async function withLock<T>(lab: LabLayout, command: string, work: () => Promise<T>): Promise<T> {
  const holder: Holder = { pid: process.pid, startTime: (await startTimeOf(process.pid)) ?? '', command };
  const own = JSON.stringify(holder);
  await take(lab, own);
  try {
    return await work();
  } finally {
    // The work may have removed it with the folder, and another command have begun since.
    if ((await readIfExists(lab.lock)) === own) await rm(lab.lock, { force: true });
  }
}

async function take(lab: LabLayout, own: string): Promise<void> {
  try {
    await writeFile(lab.lock, own, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const other = await readHolder(lab);
    if (other && (await isAlive(other))) {
      throw new MeshplanError(
        'lab-busy',
        `\`lab ${other.command}\` works on ${lab.dir} (process ${other.pid})`,
        {
          hint: 'Wait until it is done, or end it.',
        },
      );
    }
    await rm(lab.lock, { force: true });
    await take(lab, own);
  }
}

/** A lock is there a moment before it says whose it is. */
async function readHolder(lab: LabLayout): Promise<Holder | undefined> {
  const deadline = Date.now() + WRITTEN_MS;
  for (;;) {
    const holder = await readJson<Holder>(lab.lock);
    if (holder || Date.now() > deadline) return holder;
    await sleep(LOOK_AGAIN_MS);
  }
}
