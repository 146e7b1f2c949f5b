import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './cleanup.js';
import { ROOT } from './run.js';

/** A new private folder that goes when this process ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshplan-test-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

/** A copy of one of the examples, to be worked on as a user would work on it. */
export function copyOfExample(name: string): string {
  const folder = temporaryFolder();
  cpSync(join(ROOT, 'examples', name), folder, { recursive: true });
  return folder;
}
