import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../errors/index.js';
import type { Host, HostNeed } from './host-needs.js';

const PROBE_TIMEOUT_MS = 10_000;
/** OVERLAYFS_SUPER_MAGIC of Linux' include/uapi/linux/magic.h, as statfs(2) says. */
const OVERLAYFS = 0x794c7630;
const CGROUPS = '/sys/fs/cgroup';
/** Of the one hierarchy of version 2. */
const CONTROLLERS_V2 = ['cpu', 'cpuset', 'memory', 'pids'];
/** Version 1: the kubelet asks for the first four to be mounted, runc for the last. */
const CONTROLLERS_V1 = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices'];

/** Tried in namespaces that end with the shell: a line with its number is printed for each that does not work. */
const FEATURES: { name: string; why: string; modules: string; script: string }[] = [
  {
    name: 'kernel: bridge',
    why: "joins the clusters' networks",
    modules: 'bridge',
    script: 'ip link add mp0 type bridge',
  },
  {
    name: 'kernel: veth',
    why: 'connects network namespaces',
    modules: 'veth',
    script: 'ip link add mp1 type veth peer name mp2',
  },
  {
    name: 'kernel: iptables nat',
    why: 'kube-proxy sends the traffic of Services on by it',
    modules: 'iptable_nat xt_statistic xt_conntrack xt_comment',
    script:
      'iptables -w -t nat -A OUTPUT -p tcp -m comment --comment lab -m conntrack --ctstate NEW ' +
      '-m statistic --mode random --probability 0.5 -j DNAT --to-destination 127.0.0.1:1',
  },
  {
    name: 'kernel: nftables nat',
    why: "a pod's traffic goes through its sidecar by it",
    modules: 'nf_tables nft_compat nft_chain_nat xt_owner xt_REDIRECT',
    script:
      'xtables-nft-multi iptables -w -t nat -A OUTPUT -p tcp -m owner --uid-owner 1337 -j REDIRECT --to-ports 1',
  },
];

/** What the kernel, or a container around this machine, keeps a level-2 lab from. */
export async function kernelNeeds(host: Host, path: string): Promise<HostNeed[]> {
  // Without root none of it can be tried.
  return [...(await cgroupNeeds(host)), ...(host.uid === 0 ? await namespaceNeeds(host, path) : [])];
}

/** containerd lays overlays over the images in the lab's folder, which cannot itself be on one. */
export async function folderNeeds(dir: string): Promise<HostNeed[]> {
  const found = await statfs(await existingParent(dir));
  if (found.type !== OVERLAYFS) return [];
  return [
    {
      name: 'file system',
      why: `holds the containers; ${dir} is on an overlay, as in a container`,
      remedy: 'name a folder on another file system with --dir, e.g. in a volume',
    },
  ];
}

async function existingParent(dir: string): Promise<string> {
  const found = await stat(dir).catch(() => undefined);
  return found ? dir : existingParent(dirname(dir));
}

async function cgroupNeeds(host: Host): Promise<HostNeed[]> {
  const dir = join(host.root, CGROUPS);
  const unified = await readFile(join(dir, 'cgroup.controllers'), 'utf8').catch(() => undefined);
  const missing =
    unified === undefined
      ? await absentFolders(dir, CONTROLLERS_V1)
      : CONTROLLERS_V2.filter((name) => !unified.trim().split(' ').includes(name));
  if (missing.length > 0) {
    return [{ name: 'cgroups', why: `hold the containers; ${CGROUPS} has no ${missing.join(', ')}` }];
  }
  if (host.uid !== 0) return [];
  const probed = unified === undefined ? join(dir, 'memory') : dir;
  const isWritable = await access(probed, constants.W_OK).then(
    () => true,
    () => false,
  );
  return isWritable ? [] : [{ name: 'cgroups', why: `hold the containers; ${CGROUPS} is read-only` }];
}

async function absentFolders(dir: string, names: string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => stat(join(dir, name)).catch(() => undefined)));
  return names.filter((_, index) => !found[index]?.isDirectory());
}

async function namespaceNeeds(host: Host, path: string): Promise<HostNeed[]> {
  // A program that is missing is told elsewhere, and says nothing about the kernel.
  const lines = FEATURES.map(
    ({ script }, index) =>
      `command -v ${script.split(' ')[0]} >/dev/null && { said=$(${script} 2>&1) || echo "${index} $said"; }`,
  );
  const args = ['--net', '--mount', 'sh', '-c', `${lines.join('\n')}\ntrue`];
  try {
    const { stdout } = await promisify(execFile)('unshare', args, {
      env: { ...host.env, PATH: path },
      timeout: PROBE_TIMEOUT_MS,
    });
    return FEATURES.flatMap(({ name, why, modules }, index) => {
      const line = stdout.split('\n').find((item) => item.startsWith(`${index} `));
      if (line === undefined) return [];
      const remedy = `modprobe -a ${modules} (where the kernel has them)`;
      return [{ name, why: `${why}; tried, it said: ${line.slice(2)}`, remedy }];
    });
  } catch (error) {
    // Comes with nsenter, which is told elsewhere.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    const said = (error as { stderr?: string }).stderr?.trim() || messageOf(error);
    return [{ name: 'namespaces', why: `keep the clusters apart; tried, it said: ${said.split('\n')[0]}` }];
  }
}
