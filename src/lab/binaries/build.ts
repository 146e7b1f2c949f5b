import { execFile } from 'node:child_process';
import { chmod, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../errors/index.js';
import { runCompiler } from './compiler.js';
import { goFault } from './go-toolchain.js';
import { publish, type Staging, withStaging } from './staging.js';
import { startTicker } from './ticker.js';
import type { Family, GoBuild, Paths, Settings, SourceFile, StepResult } from './types.js';
import { versionFault } from './version-probe.js';

/** Builds a family from its pinned Go modules, and caches the binaries. */
export async function buildFamily(family: Family, settings: Settings): Promise<StepResult> {
  const { build } = family;
  if ('unavailable' in build) return { outcome: 'skipped', reason: build.unavailable };
  const moduleDir = join(settings.modulesDir, build.module);
  try {
    const fault = await goFault(moduleDir, settings);
    if (fault !== undefined) return { outcome: 'failed', reason: fault };
    const paths = await withStaging(settings, family, (staging) =>
      buildInto(staging, family, build, moduleDir, settings),
    );
    return { outcome: 'used', paths, where: 'its Go modules' };
  } catch (error) {
    settings.signal?.throwIfAborted();
    return { outcome: 'failed', reason: messageOf(error) };
  }
}

async function buildInto(
  staging: Staging,
  family: Family,
  build: GoBuild,
  moduleDir: string,
  settings: Settings,
): Promise<Paths> {
  const count = { modules: 0, packages: 0 };
  const ticker = startTicker((elapsedMs) =>
    settings.emit({ type: 'progress', family: family.name, step: 'build', elapsedMs, ...count }),
  );
  try {
    await runCompiler({
      args: goArguments(family, build, staging),
      cwd: moduleDir,
      env: goEnvironment(staging, settings),
      onStart: staging.noteChild,
      onLine: (line) => {
        if (line.startsWith('go: downloading ')) count.modules += 1;
        else if (isPackagePath(line)) count.packages += 1;
      },
      signal: settings.signal,
    });
  } finally {
    ticker.stop();
  }
  await checkVersions(staging, family, settings);
  for (const file of family.files ?? []) await copySource(file, moduleDir, staging, settings);
  return publish(staging, settings, family);
}

function goArguments(family: Family, build: GoBuild, staging: Staging): string[] {
  const [first, ...others] = family.binaries;
  // Go names a binary after its package's last folder; only a single one can be given another name.
  const output =
    first !== undefined && others.length === 0 ? join(staging.bin, first.name) : `${staging.bin}/`;
  return [
    'build',
    '-v',
    '-mod=readonly',
    '-o',
    output,
    // No debugging information: the same binaries in about a fifth less time.
    '-gcflags=all=-dwarf=false',
    '-ldflags',
    build.ldflags,
    ...(build.tags ? ['-tags', build.tags.join(',')] : []),
    ...family.binaries.flatMap((binary) => binary.package ?? []),
  ];
}

/** The user's environment (PATH, HOME, GOPROXY…), with what would change the result set to fixed values. */
function goEnvironment(staging: Staging, settings: Settings): NodeJS.ProcessEnv {
  return {
    ...settings.env,
    CGO_ENABLED: '0',
    GOOS: settings.platform.os,
    GOARCH: settings.platform.arch,
    GOWORK: 'off',
    // Go leaves its work folder behind when it is killed; here it goes with the staging folder.
    GOTMPDIR: staging.work,
  };
}

/** Takes a file out of a module's source code, which lies in Go's module cache after the build. */
async function copySource(
  file: SourceFile,
  moduleDir: string,
  staging: Staging,
  settings: Settings,
): Promise<void> {
  const args = ['list', '-mod=readonly', '-m', '-f', '{{.Dir}}', file.module];
  const { stdout } = await promisify(execFile)('go', args, {
    cwd: moduleDir,
    env: goEnvironment(staging, settings),
    ...(settings.signal && { signal: settings.signal }),
  });
  const target = join(staging.bin, file.name);
  await copyFile(join(stdout.trim(), file.path), target);
  // Files of the module cache are read-only.
  await chmod(target, 0o644);
}

/** `go build -v` prints the path of each package it compiles; its messages hold spaces or colons. */
function isPackagePath(line: string): boolean {
  return /^[\w.~/-]+$/.test(line);
}

async function checkVersions(staging: Staging, family: Family, settings: Settings): Promise<void> {
  for (const binary of family.binaries) {
    const fault = await versionFault(join(staging.bin, binary.name), binary, family, settings);
    if (fault !== undefined) throw new Error(fault);
  }
}
