import { stat } from 'node:fs/promises';
import { locate } from './locate.js';
import { withLock } from './lock.js';
import { endEverything, isLabFolder, removeFiles, removeFolder } from './remove.js';
import type { LabEvent } from './types.js';

/**
 * Ends every process of the lab and removes all that it made. Works on the remains of a start or an
 * agent that was killed as well, and where there is nothing it does nothing.
 * @returns how many processes were ended.
 * @throws MeshplanError `lab-busy` while another command works on it.
 */
export async function labDown(options: { dir: string; onEvent: (event: LabEvent) => void }): Promise<number> {
  const lab = await locate(options.dir);
  const exists = await stat(lab.dir).then(
    () => true,
    () => false,
  );
  // The folder may have been removed by hand, or be another's, while processes of a lab go on.
  if (!exists || !(await isLabFolder(lab))) return endEverything(lab);
  const ended = await withLock(lab, 'down', async () => {
    options.onEvent({ type: 'lab.stopping', message: 'Ending the processes of the lab.' });
    const count = await endEverything(lab);
    await removeFiles(lab);
    return count;
  });
  await removeFolder(lab);
  options.onEvent({ type: 'lab.removed', message: `The lab is gone (${ended} processes ended).` });
  return ended;
}
