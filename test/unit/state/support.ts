import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';

export interface Context {
  folder: string;
  file: string;
}

export function newContext(): Context {
  const folder = mkdtempSync(join(tmpdir(), 'meshplan-state-'));
  return { folder, file: join(folder, 'meshplan.state.json') };
}

/** Starts a program of this folder's `fixtures` as a process of its own. */
export function startFixture(name: string, ...args: string[]) {
  const program = fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', program, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The MeshplanError that `run` must fail with; it has a hint and quotes no key. */
export async function fails(code: string, run: () => Promise<unknown>): Promise<MeshplanError> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof MeshplanError)) throw error;
    assert.is(error.code, code);
    assert.ok(error.hint);
    assert.not.match(inspect(error), 'PRIVATE KEY');
    return error;
  }
  throw new Error(`${code} was expected`);
}
