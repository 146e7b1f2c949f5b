import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { processIds, readOf } from './remains.js';

/** What processes and files showed while something ran. */
export interface Seen {
  commands: Set<string>;
  environments: Set<string>;
  files: Map<string, Set<string>>;
}

const PAUSE_MS = 20;

/**
 * Looks again and again at the arguments and environment of every process, and at files that are gone
 * later, until `work` is over.
 */
export async function observeWhile(work: Promise<unknown>, files: string[]): Promise<Seen> {
  const seen: Seen = { commands: new Set(), environments: new Set(), files: new Map() };
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  while (!isOver) {
    for (const pid of processIds()) {
      seen.commands.add(readOf(pid, 'cmdline'));
      seen.environments.add(readOf(pid, 'environ'));
    }
    for (const file of files) look(file, seen);
    await sleep(PAUSE_MS);
  }
  await over;
  return seen;
}

function look(file: string, { files }: Seen): void {
  try {
    const text = readFileSync(file, 'utf8');
    const texts = files.get(file) ?? new Set();
    files.set(file, texts.add(text));
  } catch {
    // Not there yet, or not any more.
  }
}
