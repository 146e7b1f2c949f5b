import { readFile, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { ExitCode, MeshplanError } from '../errors/index.js';
import { isExecutable } from './binaries/executables.js';
import { folderNeeds, kernelNeeds } from './host-kernel.js';
import { installCommand, type Packages } from './install-command.js';

/** Something that a level-2 lab cannot do without and that this machine lacks. */
export interface HostNeed {
  name: string;
  /** What the lab does with it, or what was seen instead. */
  why: string;
  /** The command that brings it, or in words what does; left out where neither is known. */
  remedy?: string;
}

/** Absolute paths of what a level-2 lab uses of this machine. */
export interface HostTools {
  ip: string;
  nsenter: string;
  runc: string;
  iptables: string;
  /** The one program behind the iptables commands, of the kind that talks to nftables. */
  xtables: string;
  busybox: string;
  curl: string;
  /** The folder that holds the CNI plugins. */
  cniDir: string;
  /** PATH for the lab's processes: this process' own, and where administrators' programs lie. */
  path: string;
}

/** What is asked about the machine; tests give one of their own. */
export interface Host {
  platform: NodeJS.Platform;
  uid: number;
  env: NodeJS.ProcessEnv;
  /** Stands before the absolute paths that are looked at. */
  root: string;
}

interface Program {
  name: string;
  why: string;
  packages: Packages;
}

const PROGRAMS = {
  ip: {
    name: 'ip',
    why: 'makes the network of the lab',
    packages: { apt: 'iproute2', dnf: 'iproute', apk: 'iproute2' },
  },
  nsenter: {
    name: 'nsenter',
    why: "runs each cluster's programs in its own network namespace",
    packages: { apt: 'util-linux', dnf: 'util-linux', apk: 'util-linux' },
  },
  runc: {
    name: 'runc',
    why: 'starts the containers of pods',
    packages: { apt: 'runc', dnf: 'runc', apk: 'runc' },
  },
  iptables: {
    name: 'iptables',
    why: 'kube-proxy sends the traffic of Services on with it',
    packages: { apt: 'iptables', dnf: 'iptables-nft', apk: 'iptables' },
  },
  xtables: {
    name: 'xtables-nft-multi',
    why: "a pod's traffic goes through its sidecar by its rules",
    packages: { apt: 'iptables', dnf: 'iptables-nft', apk: 'iptables' },
  },
  busybox: {
    name: 'busybox',
    why: 'is the shell of the images',
    packages: { apt: 'busybox-static', dnf: 'busybox', apk: 'busybox' },
  },
  curl: {
    name: 'curl',
    why: 'is the HTTP client of the images',
    packages: { apt: 'curl', dnf: 'curl', apk: 'curl' },
  },
  ldd: {
    name: 'ldd',
    why: 'tells which libraries go into the images',
    packages: { apt: 'libc-bin', dnf: 'glibc-common', apk: 'musl-utils' },
  },
  mount: {
    name: 'mount',
    why: 'mounts the volumes of pods',
    packages: { apt: 'mount', dnf: 'util-linux', apk: 'util-linux' },
  },
} satisfies Record<string, Program>;

const CNI_PLUGINS = ['ptp', 'portmap', 'host-local', 'loopback'];
const CNI_DIRS = ['/usr/lib/cni', '/opt/cni/bin', '/usr/libexec/cni', '/usr/local/lib/cni'];
const CNI: Program = {
  name: 'CNI plugins',
  why: `connect pods: ${CNI_PLUGINS.join(', ')}`,
  packages: {
    apt: 'containernetworking-plugins',
    dnf: 'containernetworking-plugins',
    apk: 'cni-plugins',
  },
};
const ROOT: HostNeed = { name: 'root', why: 'makes namespaces and mounts', remedy: 'use sudo' };
/** Not on every user's PATH, and not always on root's. */
const ADMIN_DIRS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

const thisHost = (): Host => ({
  platform: process.platform,
  uid: process.getuid?.() ?? -1,
  env: process.env,
  root: '/',
});

/**
 * Why a level-2 lab (in the folder `dir`, if given) cannot run on this machine: empty where it can.
 * Changes nothing, and takes a moment.
 */
export async function missingHostNeeds(dir?: string, host: Host = thisHost()): Promise<HostNeed[]> {
  return (await examine(dir, host)).missing;
}

/**
 * What a level-2 lab (in the folder `dir`, if given) uses of this machine.
 * @throws MeshplanError `lab-host-needs` (exit code 3) with all that is missing.
 */
export async function requireHostTools(dir?: string, host: Host = thisHost()): Promise<HostTools> {
  const { tools, missing } = await examine(dir, host);
  if (missing.length === 0) return tools as HostTools;
  const width = Math.max(...missing.map(({ name }) => name.length));
  const lines = missing.map(({ name, why }) => `  ${name.padEnd(width)}  ${why}`);
  const remedies = [...new Set(missing.flatMap(({ remedy }) => remedy ?? []))];
  const help = remedies.length > 0 ? `What helps: ${remedies.join('; ')}. ` : '';
  throw new MeshplanError('lab-host-needs', `a lab of level 2 needs of this machine:\n${lines.join('\n')}`, {
    hint: `${help}Level 1 needs none of this.`,
    exitCode: ExitCode.invalid,
  });
}

interface Findings {
  tools: Partial<HostTools>;
  missing: HostNeed[];
}

async function examine(dir: string | undefined, host: Host): Promise<Findings> {
  if (host.platform !== 'linux') {
    return { tools: {}, missing: [{ name: 'Linux', why: `nodes run on it; this is ${host.platform}` }] };
  }
  const { tools, absent } = await findPrograms(host);
  const remedy = await remedyFor(absent, host);
  const missing: HostNeed[] = absent.map(({ name, why }) => ({ name, why, ...(remedy && { remedy }) }));
  if (host.uid !== 0) missing.unshift(ROOT);
  missing.push(...(await kernelNeeds(host, tools.path)));
  if (dir !== undefined) missing.push(...(await folderNeeds(dir)));
  return { tools, missing };
}

async function findPrograms(host: Host) {
  const dirs = programDirs(host);
  const tools: Partial<HostTools> & Record<'path', string> = { path: dirs.join(delimiter) };
  const absent: Program[] = [];
  for (const [key, program] of Object.entries(PROGRAMS)) {
    const found = await firstIn(dirs, program.name);
    if (found === undefined) absent.push(program);
    else Object.assign(tools, { [key]: found });
  }
  const cniDir = await findCniDir(host);
  if (cniDir === undefined) absent.push(CNI);
  else tools.cniDir = cniDir;
  return { tools, absent };
}

/** One command for all that is missing. */
async function remedyFor(absent: Program[], host: Host): Promise<string | undefined> {
  if (absent.length === 0) return undefined;
  const release = await readFile(join(host.root, 'etc/os-release'), 'utf8').catch(() => '');
  const packages = absent.map((item) => item.packages);
  return installCommand(release, packages, host.uid === 0);
}

function programDirs({ env, root }: Host): string[] {
  const own = (env.PATH ?? '').split(delimiter).filter(isAbsolute);
  return [...new Set([...own, ...ADMIN_DIRS.map((dir) => join(root, dir))])];
}

async function firstIn(dirs: string[], name: string): Promise<string | undefined> {
  for (const dir of dirs) {
    const path = join(dir, name);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

async function findCniDir({ root }: Host): Promise<string | undefined> {
  for (const dir of CNI_DIRS.map((item) => join(root, item))) {
    if (!(await stat(dir).catch(() => undefined))?.isDirectory()) continue;
    const present = await Promise.all(CNI_PLUGINS.map((name) => isExecutable(join(dir, name))));
    if (present.every(Boolean)) return dir;
  }
  return undefined;
}
