import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import semver from 'semver';
import { messageOf } from '../../errors/index.js';
import type { Settings } from './types.js';

/** Long, for a Go that may switch toolchains fetches the one that go.mod asks for. */
const TIMEOUT_MS = 180_000;

/** The Go version that go.mod asks for at least, e.g. `1.26.0`. */
async function requiredGo(moduleDir: string): Promise<string> {
  const text = await readFile(join(moduleDir, 'go.mod'), 'utf8');
  const version = /^go (\S+)$/m.exec(text)?.[1];
  if (version === undefined) throw new Error(`${join(moduleDir, 'go.mod')} names no Go version`);
  return version;
}

/** The reason why the Go on PATH cannot build the module; undefined when it can. */
export async function goFault(moduleDir: string, settings: Settings): Promise<string | undefined> {
  const required = await requiredGo(moduleDir);
  const found = await installedGo(moduleDir, settings);
  if ('fault' in found) return `Go ${required} or newer is needed: ${found.fault}`;
  const version = semver.coerce(found.version);
  if (version !== null && semver.gte(version, semver.coerce(required) ?? required)) return undefined;
  return `Go ${required} or newer is needed: the go on PATH is ${found.version}`;
}

async function installedGo(
  moduleDir: string,
  settings: Settings,
): Promise<{ version: string } | { fault: string }> {
  try {
    // In the module's folder, where Go applies its go.mod (and switches toolchains if it may).
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], {
      cwd: moduleDir,
      env: settings.env,
      timeout: TIMEOUT_MS,
      ...(settings.signal && { signal: settings.signal }),
    });
    return { version: stdout.trim().replace(/^go/, '') };
  } catch (error) {
    settings.signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { fault: 'there is no go on PATH' };
    const stderr = (error as { stderr?: string }).stderr?.trim();
    return { fault: stderr || messageOf(error) };
  }
}
