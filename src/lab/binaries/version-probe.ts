import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf } from '../../errors/index.js';
import type { Binary, Family, Settings } from './types.js';

const PROBE_TIMEOUT_MS = 15_000;

const run = promisify(execFile);

/**
 * Asks a binary for its version.
 * Returns undefined when it is one that the family accepts, else the reason why it is not.
 */
export async function versionFault(
  path: string,
  binary: Binary,
  family: Family,
  settings: Settings,
): Promise<string | undefined> {
  let output: string;
  try {
    const { stdout, stderr } = await run(path, [...binary.versionArgs], {
      timeout: PROBE_TIMEOUT_MS,
      killSignal: 'SIGKILL',
      env: settings.env,
      ...(settings.signal && { signal: settings.signal }),
    });
    output = `${stdout}\n${stderr}`;
  } catch (error) {
    return `${path} does not tell its version: ${firstLine(messageOf(error))}`;
  }
  const version = binary.versionOutput.exec(output)?.[1];
  if (version === undefined) return `${path} does not tell its version in a known form`;
  return accepts(family, version) ? undefined : `${path} is ${version}, not ${wanted(family)}`;
}

function accepts(family: Family, version: string): boolean {
  if ('exact' in family.accepts) return version === family.accepts.exact;
  const { minor } = family.accepts;
  return version === minor || version.startsWith(`${minor}.`) || version.startsWith(`${minor}-`);
}

function wanted(family: Family): string {
  return 'exact' in family.accepts ? family.accepts.exact : `a ${family.accepts.minor} version`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
