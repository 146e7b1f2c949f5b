import { createHash } from 'node:crypto';

/** Where the system keeps network namespaces by name: `ip netns` lists them. */
export const NAMESPACES = '/run/netns';

/** The names of all that a level-2 lab makes outside its folder. */
export interface NetworkNames {
  /** Tells this lab's things from another's: eight hexadecimal digits of its folder's path. */
  hash: string;
  /** What every name of the lab begins with. */
  prefix: string;
  /** The network namespace in which users' commands run. */
  hub: string;
  /** The network namespace of one cluster; counted from 1. */
  cluster(index: number): string;
  /** The folder of one cluster's sockets and of containerd's state, whose paths must be short. */
  runDir(index: number): string;
}

/** The names for a lab's folder, given by its one true path. They say whose a remain is when no file is left. */
export function namesOf(dir: string): NetworkNames {
  const hash = createHash('sha256').update(dir).digest('hex').slice(0, 8);
  const prefix = `mp-${hash}-`;
  const cluster = (index: number) => `${prefix}c${index}`;
  return { hash, prefix, hub: `${prefix}hub`, cluster, runDir: (index) => `/run/${cluster(index)}` };
}

/** The command that runs what follows it in a namespace; `ip netns exec` would remount /sys and hide the cgroups. */
export const within = (namespace: string) => ['nsenter', `--net=${NAMESPACES}/${namespace}`, '--'];
