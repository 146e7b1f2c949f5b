import { setTimeout as sleep } from 'node:timers/promises';

const GRACE_MS = 2_000;
const POLL_MS = 50;

/** Ends a process group: SIGTERM, and SIGKILL for what is left after two seconds. Resolves when all are gone. */
export async function endGroup(leaderPid: number): Promise<void> {
  const deadline = Date.now() + GRACE_MS;
  let alive = signalGroup(leaderPid, 'SIGTERM');
  while (alive && Date.now() < deadline) {
    await sleep(POLL_MS);
    alive = signalGroup(leaderPid, 0);
  }
  if (alive) signalGroup(leaderPid, 'SIGKILL');
}

/** Sends a signal to all of a group; false when the group has no process left. */
export function signalGroup(leaderPid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leaderPid, signal);
    return true;
  } catch {
    return false;
  }
}
