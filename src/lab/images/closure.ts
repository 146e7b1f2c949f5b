import { execFile } from 'node:child_process';
import { realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** glibc before 2.34 loads these by name when it resolves users and hosts, so ldd does not list them. */
const LOADED_LATER = ['libnss_files.so.2', 'libnss_dns.so.2', 'libresolv.so.2'];

/** The shared libraries that a program needs, with its loader: absolute paths, none for a static program. */
export async function librariesOf(program: string, path: string): Promise<string[]> {
  const listed = await ldd(program, path);
  const libc = listed.find((item) => item.includes('/libc.so.'));
  if (libc === undefined) return listed;
  const candidates = LOADED_LATER.map((name) => join(dirname(libc), name));
  const found = await Promise.all(candidates.map((item) => stat(item).catch(() => undefined)));
  return [...new Set([...listed, ...candidates.filter((_, index) => found[index] !== undefined)])];
}

/** The folder of the extensions that iptables loads by name: beside the library that loads them. */
export async function xtablesPluginDir(libraries: readonly string[]): Promise<string> {
  const library = libraries.find((item) => item.includes('/libxtables.so.'));
  if (library === undefined) throw new Error('xtables-nft-multi uses no libxtables');
  return join(dirname(await realpath(library)), 'xtables');
}

async function ldd(program: string, path: string): Promise<string[]> {
  try {
    const { stdout } = await promisify(execFile)('ldd', [program], {
      env: { ...process.env, PATH: path, LC_ALL: 'C' },
    });
    return parseLdd(stdout);
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    // glibc's and musl's words for a static program.
    if (/not a dynamic executable|Not a valid dynamic program/.test(`${stdout}${stderr}`)) return [];
    throw error;
  }
}

/** Lines are `NAME => PATH (ADDRESS)`, or `PATH (ADDRESS)` for the loader. */
export function parseLdd(output: string): string[] {
  const paths = output.split('\n').flatMap((line) => /(?:^\s+|=> )(\/\S+) \(0x/.exec(line)?.[1] ?? []);
  return [...new Set(paths)];
}
