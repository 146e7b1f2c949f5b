import { stat } from 'node:fs/promises';
import type { LabLayout } from './layout.js';
import { locate } from './locate.js';
import { withLock } from './lock.js';
import { namesOf } from './network/names.js';
import { commandsInHub } from './remains/processes.js';
import { endEverything, isLabFolder, removeFiles, removeFolder, removeTraces } from './remove.js';
import type { LabEvent } from './types.js';

/**
 * Ends every process of the lab and removes all that it made. Works on the remains of a start or an
 * agent that was killed as well, and where there is nothing it does nothing.
 * @returns how many processes were ended.
 * @throws MeshplanError `lab-busy` while another command works on it.
 */
export async function labDown(options: { dir: string; onEvent: (event: LabEvent) => void }): Promise<number> {
  const { onEvent } = options;
  const lab = await locate(options.dir);
  const exists = await stat(lab.dir).then(
    () => true,
    () => false,
  );
  // The folder may have been removed by hand, or be another's, while processes of a lab go on.
  if (!exists || !(await isLabFolder(lab))) {
    const ended = await endEverything(lab);
    await tellOfCommands(lab, onEvent);
    const namespaces = await removeTraces(lab);
    const none: LabEvent = { type: 'lab.removed', message: `There is no lab in ${lab.dir}.` };
    onEvent(ended + namespaces > 0 ? gone(ended, namespaces) : none);
    return ended;
  }
  const { ended, namespaces } = await withLock(lab, 'down', async () => {
    onEvent({ type: 'lab.stopping', message: 'Ending the processes of the lab.' });
    const count = await endEverything(lab);
    await tellOfCommands(lab, onEvent);
    const removed = await removeFiles(lab);
    await removeFolder(lab);
    return { ended: count, namespaces: removed };
  });
  onEvent(gone(ended, namespaces));
  return ended;
}

/** What users run through `lab exec` is theirs to end. */
async function tellOfCommands(lab: LabLayout, onEvent: (event: LabEvent) => void): Promise<void> {
  const commands = await commandsInHub(namesOf(lab.dir).hub);
  if (commands.length === 0) return;
  const message = `Still running in the network of the lab, and cut off from now on: ${commands.join(', ')}.`;
  onEvent({ type: 'lab.stopping', message });
}

function gone(ended: number, namespaces: number): LabEvent {
  const removed = namespaces > 0 ? `, ${namespaces} network namespaces removed` : '';
  return { type: 'lab.removed', message: `The lab is gone (${ended} processes ended${removed}).` };
}
