import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { namesOf } from '../../src/lab/network/names.js';
import { processIds, readOf, remainsOf } from './remains.js';

/** What is left of a level-2 lab on the machine; all of it empty where it is gone. */
export interface NodeRemains {
  processes: string[];
  /** In the lab's own folder. */
  files: string[];
  mounts: string[];
  namespaces: string[];
  /** Below /run, and in the folders that nodes are known to write to. */
  folders: string[];
  cgroups: string[];
}

const NODE_FOLDERS = ['/run', '/var/lib/cni/results', '/var/log/containers'];
const STATES = ['runc/k8s.io', 'containerd/io.containerd.runtime.v2.task/k8s.io'];

/** The ids of the containers that a lab has now. Ask before it goes: what is left of them says only this. */
export function containersOf(dir: string): string[] {
  const { prefix } = namesOf(dir);
  const nodes = namesIn('/run').filter((name) => name.startsWith(prefix));
  const ids = nodes.flatMap((node) => STATES.flatMap((state) => namesIn(join('/run', node, state))));
  return [...new Set(ids)];
}

/** @param containers - the ids of containers that the lab had. */
export function nodeRemainsOf(dir: string, containers: string[] = []): NodeRemains {
  const { prefix } = namesOf(dir);
  const isOurs = (text: string) =>
    text.includes(prefix) || text.includes(dir) || containers.some((id) => text.includes(id));
  const { processes, files } = remainsOf(dir);
  // One that has ended and waits for its parent to ask how has no command any more.
  const living = processIds().filter((pid) => readOf(pid, 'cmdline') !== '');
  const more = living.filter(
    (pid) =>
      pid !== process.pid && (isOurs(readOf(pid, 'cgroup')) || readOf(pid, 'cmdline').includes(prefix)),
  );
  return {
    processes: [...new Set([...processes, ...more.map((pid) => `${pid} ${commandOf(pid)}`)])],
    files,
    mounts: readFileSync('/proc/mounts', 'utf8').split('\n').filter(isOurs),
    namespaces: namesIn('/run/netns').filter(isOurs),
    folders: NODE_FOLDERS.flatMap((folder) =>
      namesIn(folder)
        .filter(isOurs)
        .map((name) => join(folder, name)),
    ),
    cgroups: cgroups().filter(isOurs),
  };
}

export const NOTHING: NodeRemains = {
  processes: [],
  files: [],
  mounts: [],
  namespaces: [],
  folders: [],
  cgroups: [],
};

const commandOf = (pid: number) => readOf(pid, 'cmdline').replaceAll('\0', ' ');

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** All cgroups of the machine near the root of their hierarchy, where a lab's would be. */
function cgroups(): string[] {
  const root = '/sys/fs/cgroup';
  const hierarchies = [root, ...namesIn(root).map((name) => join(root, name))];
  const below = (folder: string) => {
    try {
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(folder, entry.name));
    } catch {
      return [];
    }
  };
  const first = hierarchies.flatMap(below);
  return [...new Set([...first, ...first.flatMap(below)])];
}
