import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import { type Host, missingHostNeeds, requireHostTools } from '../../../src/lab/host-needs.js';
import { installCommand } from '../../../src/lab/install-command.js';

const dirs: string[] = [];
process.once('exit', () => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

const PROGRAMS = [
  'ip',
  'nsenter',
  'runc',
  'iptables',
  'xtables-nft-multi',
  'busybox',
  'curl',
  'ldd',
  'mount',
];
const CNI = ['ptp', 'portmap', 'host-local', 'loopback'];
const V1 = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices'];
const DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n';

interface Machine {
  without?: string[];
  cni?: string;
  cgroups?: 'v1' | string;
  release?: string;
  uid?: number;
  /** What stands in for unshare(1) does. */
  unshare?: string;
}

/** A machine of empty programs that has everything, but for what is changed. */
function machine(changes: Machine = {}): Host {
  const root = mkdtempSync(join(tmpdir(), 'meshplan-host-'));
  dirs.push(root);
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), 0o755);
  };
  const without = changes.without ?? [];
  for (const name of PROGRAMS.filter((item) => !without.includes(item))) write(`usr/sbin/${name}`, '');
  for (const name of CNI.filter((item) => !without.includes(item)))
    write(`${changes.cni ?? 'usr/lib/cni'}/${name}`, '');
  write('etc/os-release', changes.release ?? DEBIAN);
  write('bin/unshare', `#!/bin/sh\n${changes.unshare ?? ''}\n`);
  if (changes.cgroups === 'v1')
    for (const name of V1) mkdirSync(join(root, 'sys/fs/cgroup', name), { recursive: true });
  else write('sys/fs/cgroup/cgroup.controllers', changes.cgroups ?? 'cpuset cpu io memory hugetlb pids\n');
  return { platform: 'linux', uid: changes.uid ?? 0, env: { PATH: join(root, 'bin') }, root };
}

async function namesOf(changes: Machine): Promise<string[]> {
  return (await missingHostNeeds(undefined, machine(changes))).map(({ name }) => name);
}

async function failureOf(host: Host): Promise<MeshplanError> {
  const error = await requireHostTools(undefined, host).catch((thrown: unknown) => thrown);
  if (!(error instanceof MeshplanError)) throw new Error(`not a MeshplanError: ${error}`);
  return error;
}

test('a machine that has all of it: the tools by their paths, also of folders that PATH leaves out', async () => {
  const host = machine();
  const tools = await requireHostTools(undefined, host);
  assert.is(tools.runc, join(host.root, 'usr/sbin/runc'));
  assert.is(tools.xtables, join(host.root, 'usr/sbin/xtables-nft-multi'));
  assert.is(tools.cniDir, join(host.root, 'usr/lib/cni'));
  assert.equal(tools.path.split(':').slice(0, 1), [join(host.root, 'bin')]);
  assert.ok(tools.path.split(':').includes(join(host.root, 'usr/sbin')));
  assert.equal(await missingHostNeeds(undefined, host), []);
});

test('cgroups of version 1 do as well', async () => assert.equal(await namesOf({ cgroups: 'v1' }), []));

for (const name of PROGRAMS) {
  test(`a machine without ${name} is told so`, async () =>
    assert.equal(await namesOf({ without: [name] }), [name]));
}

for (const cni of ['opt/cni/bin', 'usr/libexec/cni']) {
  test(`CNI plugins are found in /${cni}`, async () => {
    const host = machine({ cni });
    assert.is((await requireHostTools(undefined, host)).cniDir, join(host.root, cni));
  });
}

test('a folder that lacks one CNI plugin does not count', async () =>
  assert.equal(await namesOf({ without: ['portmap'] }), ['CNI plugins']));

test('all that is missing comes in one error, with its purpose and one command', async () => {
  const error = await failureOf(machine({ without: ['runc', 'iptables', 'xtables-nft-multi', ...CNI] }));
  assert.equal([error.code, error.exitCode], ['lab-host-needs', 3]);
  assert.is(
    error.message,
    [
      'a lab of level 2 needs of this machine:',
      '  runc               starts the containers of pods',
      '  iptables           kube-proxy sends the traffic of Services on with it',
      "  xtables-nft-multi  a pod's traffic goes through its sidecar by its rules",
      '  CNI plugins        connect pods: ptp, portmap, host-local, loopback',
    ].join('\n'),
  );
  assert.match(
    error.hint ?? '',
    /: apt-get install -y runc iptables containernetworking-plugins\. Level 1 needs none/,
  );
});

test('a user without root is told, and gets the command with sudo', async () => {
  const error = await failureOf(machine({ uid: 1000, without: ['runc'], unshare: 'exit 1' }));
  assert.match(error.message, /\n {2}root /);
  assert.match(error.message, /\n {2}runc /);
  assert.match(error.hint ?? '', 'use sudo; sudo apt-get install -y runc.');
});

test('on another system than Linux that is all that is said', async () => {
  const needs = await missingHostNeeds(undefined, { ...machine({ without: PROGRAMS }), platform: 'darwin' });
  assert.equal(
    needs.map(({ name }) => name),
    ['Linux'],
  );
  assert.match(needs[0]?.why ?? '', /darwin/);
});

test('a cgroup hierarchy without a controller names it', async () => {
  const [need] = await missingHostNeeds(undefined, machine({ cgroups: 'cpuset cpu io pids\n' }));
  assert.match(need?.why ?? '', /has no memory$/);
});

test('no cgroups at all', async () => {
  const [need] = await missingHostNeeds(undefined, { ...machine(), root: '/does/not/exist', uid: 1000 }).then(
    (all) => all.filter(({ name }) => name === 'cgroups'),
  );
  assert.match(need?.why ?? '', /has no cpu, cpuacct, cpuset, memory, devices$/);
});

test('namespaces that cannot be made are told in the words of the system', async () => {
  const unshare = 'echo "unshare: unshare failed: Operation not permitted" >&2; exit 1';
  const [need] = await missingHostNeeds(undefined, machine({ unshare }));
  assert.is(need?.name, 'namespaces');
  assert.match(need?.why ?? '', /unshare failed: Operation not permitted$/);
});

test('a kernel without a feature is told with what was seen', async () => {
  // The probe itself runs, outside of namespaces, with an `ip` that knows no bridge.
  const host = machine({ unshare: 'shift 2; exec "$@"' });
  const ip = 'case "$*" in *bridge*) echo "Error: Unknown device type." >&2; exit 2 ;; esac';
  writeFileSync(join(host.root, 'usr/sbin/ip'), `#!/bin/sh\n${ip}\n`);
  for (const name of ['iptables', 'xtables-nft-multi'])
    writeFileSync(join(host.root, 'usr/sbin', name), '#!/bin/sh\n');
  const path = `${join(host.root, 'usr/sbin')}:${host.env.PATH}:/usr/bin:/bin`;
  const needs = await missingHostNeeds(undefined, { ...host, env: { PATH: path } });
  assert.equal(needs, [
    {
      name: 'kernel: bridge',
      why: "joins the clusters' networks; tried, it said: Error: Unknown device type.",
      remedy: 'modprobe -a bridge (where the kernel has them)',
    },
  ]);
});

test("the lab's folder need not be there yet", async () => {
  const host = machine();
  assert.equal(await missingHostNeeds(join(host.root, 'not', 'yet'), host), []);
});

const PACKAGES = [
  { apt: 'iproute2', dnf: 'iproute', apk: 'iproute2' },
  { apt: 'runc', dnf: 'runc', apk: 'runc' },
  { apt: 'runc', dnf: 'runc', apk: 'runc' },
];
for (const [release, command] of [
  [DEBIAN, 'apt-get install -y iproute2 runc'],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'apt-get install -y iproute2 runc'],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'dnf install -y iproute runc'],
  ["ID='fedora'\n", 'dnf install -y iproute runc'],
  ['ID=alpine\n', 'apk add iproute2 runc'],
  ['ID=arch\n', undefined],
  ['', undefined],
] as const) {
  test(`${JSON.stringify(release)} installs by ${command}`, () =>
    assert.is(installCommand(release, PACKAGES, true), command));
}

test.run();
