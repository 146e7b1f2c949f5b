import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { BinaryEvent, Family, Settings } from '../../../src/lab/binaries/types.js';

const tempDirs: string[] = [];
process.once('exit', () => {
  for (const dir of tempDirs) rmSync(dir, { recursive: true, force: true });
});

/** A folder of this test process, removed when it exits. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'meshplan-binaries-'));
  tempDirs.push(dir);
  return dir;
}

/** A program that prints one line, as `NAME --version` does. */
export function versionScript(line: string): string {
  return `#!/bin/sh\necho '${line}'\n`;
}

export function writeProgram(dir: string, name: string, text: string): string {
  mkdirSync(dir, { recursive: true });
  const path = join(dir, name);
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

/** A family of two small programs of version 1.2.3, which print `alpha v1.2.3`. */
export function family(changes: Partial<Family> = {}): Family {
  const binary = (name: string) => ({
    name,
    package: `example.test/tools/${name}`,
    versionArgs: ['--version'],
    versionOutput: new RegExp(`${name} v(\\S+)`),
  });
  return {
    name: 'tools',
    version: '1.2.3',
    accepts: { exact: '1.2.3' },
    binaries: [binary('alpha'), binary('beta')],
    download: { unavailable: 'tools publishes no releases' },
    build: { module: 'tools', ldflags: '-s -w' },
    ...changes,
  };
}

/** Settings with an empty cache of their own unless one is given, and the list of what was emitted. */
export function settings(changes: Partial<Settings> = {}): { settings: Settings; events: BinaryEvent[] } {
  const events: BinaryEvent[] = [];
  const dir = changes.cacheDir === undefined ? tempDir() : dirname(changes.cacheDir);
  return {
    events,
    settings: {
      cacheDir: join(dir, 'bin'),
      modulesDir: join(dir, 'modules'),
      downloadUrl: undefined,
      platform: { os: 'linux', arch: 'amd64' },
      env: process.env,
      emit: (event) => events.push(event),
      signal: undefined,
      ...changes,
    },
  };
}

/**
 * A stand-in for `go` in a folder to put first on PATH. It reports `version`; as `go build` it runs the
 * shell text `build`, in which `$out` is the value of -o, and writes the two programs.
 */
export function fakeGo(options: { version?: string; build?: string } = {}): string {
  const dir = tempDir();
  const text = `#!/bin/sh
if [ "$1" = env ]; then echo ${options.version ?? 'go1.26.8'}; exit 0; fi
while [ $# -gt 0 ]; do [ "$1" = -o ] && out=$2; shift; done
${options.build ?? ''}
for name in alpha beta; do
  printf '#!/bin/sh\\necho %s v1.2.3\\n' $name > "$out/$name"
  chmod 755 "$out/$name"
done
`;
  writeProgram(dir, 'go', text);
  return dir;
}

/** The module folder that `family()` builds from. */
export function writeModule(modulesDir: string): void {
  const dir = join(modulesDir, 'tools');
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'go.mod'), 'module example.test/lab/tools\n\ngo 1.26.0\n');
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
