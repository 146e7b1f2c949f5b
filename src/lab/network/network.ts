import { execFile } from 'node:child_process';
import { readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshplanError, messageOf } from '../../errors/index.js';
import { readMounts } from '../host.js';
import { clusterCommands, hubCommands } from './commands.js';
import { NAMESPACES, type NetworkNames, within } from './names.js';

/** Of a network namespace's file, as statfs(2) tells it (NSFS_MAGIC of linux/magic.h). */
const NSFS = 0x6e736673;

/**
 * Makes the hub and a namespace for each cluster, anew: remains of a start that was killed are removed first.
 * Nothing of the host's own network changes. @throws MeshplanError `lab-network-failed`.
 */
export async function createNetwork(names: NetworkNames, clusters: number): Promise<void> {
  await removeNetwork(names);
  const nodes = Array.from({ length: clusters }, (_, index) => index + 1);
  for (const name of [names.hub, ...nodes.map(names.cluster)]) {
    await run('ip', ['netns', 'add', name]);
    await run(...commandWithin(name, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'));
  }
  await batch(names.hub, hubCommands(names, clusters));
  for (const index of nodes) await batch(names.cluster(index), clusterCommands(index, clusters));
}

/**
 * Takes the names of the lab's namespaces away, and the network with them, unless a process still lives in one:
 * that one ends with the process.
 * @returns how many there were.
 */
export async function removeNetwork(names: NetworkNames): Promise<number> {
  const found = (await namespaces()).filter((name) => name.startsWith(names.prefix));
  for (const name of found) await run('ip', ['netns', 'delete', name]);
  if (found.length > 0 && (await namespaces()).length === 0) await forgetFolder();
  return found.length;
}

/** The first `ip netns add` of a machine mounts the folder of all namespaces on itself, and nothing takes that away. */
async function forgetFolder(): Promise<void> {
  const isMounted = (await readMounts()).some(({ point }) => point === NAMESPACES);
  // Somebody else may be adding one right now, and needs it.
  if (isMounted) await run('umount', [NAMESPACES]).catch(() => undefined);
}

/** Whether the namespaces of all clusters are there. They are gone after the machine was started anew. */
export async function hasNetwork(names: NetworkNames, clusters: number): Promise<boolean> {
  const wanted = [names.hub, ...Array.from({ length: clusters }, (_, index) => names.cluster(index + 1))];
  const found = await Promise.all(wanted.map(isNamespace));
  return found.every(Boolean);
}

async function isNamespace(name: string): Promise<boolean> {
  const answer = await statfs(join(NAMESPACES, name)).catch(() => undefined);
  return answer?.type === NSFS;
}

/** The names of all network namespaces of this machine that have one. */
export const namespaces = (): Promise<string[]> => readdir(NAMESPACES).catch(() => []);

const batch = (namespace: string, lines: string[]) =>
  run(...commandWithin(namespace, 'ip', '-batch', '-'), lines.join('\n'));

function commandWithin(namespace: string, ...command: string[]): [string, string[]] {
  const [program = '', ...args] = [...within(namespace), ...command];
  return [program, args];
}

async function run(program: string, args: string[], input = ''): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const child = execFile(program, args, { env: administrators() }, (error, _stdout, stderr) =>
      error ? reject(failed(program, args, stderr.trim() || messageOf(error), error)) : resolve(),
    );
    child.stdin?.on('error', () => undefined).end(input);
  });
}

/** `ip` is not on every root's PATH. */
const administrators = () => ({ ...process.env, PATH: [process.env.PATH, '/usr/sbin', '/sbin'].join(':') });

function failed(program: string, args: string[], detail: string, cause: unknown): MeshplanError {
  return new MeshplanError(
    'lab-network-failed',
    `the lab's network: ${program} ${args.join(' ')}: ${detail}`,
    {
      cause,
      hint: 'Level 2 needs root, iproute2 and util-linux, and a kernel with network namespaces, veth and bridges.',
    },
  );
}
