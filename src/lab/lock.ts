import { rm, writeFile } from 'node:fs/promises';
import { MeshplanError } from '../errors/index.js';
import { readJson } from './files.js';
import { startTimeOf } from './host.js';
import type { LabLayout } from './layout.js';
import { isAlive } from './processes.js';

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
  await take(lab, holder);
  try {
    return await work();
  } finally {
    await rm(lab.lock, { force: true });
  }
}

async function take(lab: LabLayout, holder: Holder): Promise<void> {
  try {
    await writeFile(lab.lock, JSON.stringify(holder), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const other = await readJson<Holder>(lab.lock);
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
    await take(lab, holder);
  }
}
