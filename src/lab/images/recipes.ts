import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BinaryPaths } from '../binaries/types.js';
import type { HostTools } from '../host-needs.js';
import { librariesOf, xtablesPluginDir } from './closure.js';
import { AGNHOST_IMAGE, COREDNS_IMAGE, GUIDE_IMAGES, ISTIO_HUB, ISTIO_TAG, PAUSE_IMAGE } from './names.js';
import type { Entry, Recipe } from './types.js';

/** The user that Istio's charts run istiod and sidecars as. */
const ISTIO_USER = 1337;
const NETEXEC = ['/agnhost', 'netexec', '--http-port', '8080', '--udp-port', '-1'];
const IPTABLES = ['iptables', 'ip6tables'].flatMap((name) => [name, `${name}-nft`]);

/** What each image of the lab consists of on this machine. */
export async function recipesFor(binaries: BinaryPaths<2>, host: HostTools): Promise<Recipe[]> {
  const base = await baseEntries(host);
  return Promise.all([
    single('pause', PAUSE_IMAGE, binaries.pause, host),
    single('coredns', COREDNS_IMAGE, binaries.coredns, host),
    pilot(binaries, host, base),
    proxy(binaries, host, base),
    agnhost(binaries, host, base),
  ]);
}

/** An image of one program and nothing else. */
async function single(name: string, reference: string, source: string, host: HostTools): Promise<Recipe> {
  return {
    name,
    images: [{ reference, entrypoint: [`/${name}`] }],
    entries: await program(source, name, host),
  };
}

async function pilot(binaries: BinaryPaths<2>, host: HostTools, base: Entry[]): Promise<Recipe> {
  const path = 'usr/local/bin/pilot-discovery';
  return {
    name: 'pilot',
    images: [
      {
        reference: `${ISTIO_HUB}/pilot:${ISTIO_TAG}`,
        entrypoint: [`/${path}`],
        user: `${ISTIO_USER}:${ISTIO_USER}`,
      },
    ],
    entries: [...base, ...(await program(binaries['pilot-discovery'], path, host))],
  };
}

async function proxy(binaries: BinaryPaths<2>, host: HostTools, base: Entry[]): Promise<Recipe> {
  const path = 'usr/local/bin/pilot-agent';
  return {
    name: 'proxyv2',
    images: [{ reference: `${ISTIO_HUB}/proxyv2:${ISTIO_TAG}`, entrypoint: [`/${path}`] }],
    entries: [
      ...base,
      ...(await program(binaries['pilot-agent'], path, host)),
      ...(await program(binaries.envoy, 'usr/local/bin/envoy', host)),
      copy(binaries['envoy_bootstrap.json'], 'var/lib/istio/envoy/envoy_bootstrap_tmpl.json', 0o644),
      ...(await iptables(host)),
    ],
  };
}

/** One file system serves as Kubernetes' test image and as the guide's applications. */
async function agnhost(binaries: BinaryPaths<2>, host: HostTools, base: Entry[]): Promise<Recipe> {
  return {
    name: 'agnhost',
    images: [
      { reference: AGNHOST_IMAGE, entrypoint: ['/agnhost'], command: ['pause'] },
      ...GUIDE_IMAGES.map((reference) => ({ reference, entrypoint: NETEXEC })),
    ],
    entries: [
      ...base,
      ...(await program(binaries.agnhost, 'agnhost', host)),
      ...(await program(host.curl, 'usr/bin/curl', host)),
    ],
  };
}

/** A shell with its tools, and the files that a libc reads. */
async function baseEntries(host: HostTools): Promise<Entry[]> {
  const { stdout } = await promisify(execFile)(host.busybox, ['--list']);
  const tools = stdout.split('\n').filter((name) => /^[\w[.-]+$/.test(name) && name !== 'busybox');
  return [
    { type: 'directory', path: 'tmp', mode: 0o1777 },
    ...['dev', 'proc', 'sys', 'root', 'var/log', 'var/run'].map(directory),
    text('etc/passwd', [
      'root:x:0:0:root:/root:/bin/sh',
      `istio-proxy:x:${ISTIO_USER}:${ISTIO_USER}::/tmp:/bin/sh`,
    ]),
    text('etc/group', ['root:x:0:', `istio-proxy:x:${ISTIO_USER}:`]),
    text('etc/nsswitch.conf', ['hosts: files dns']),
    ...(await program(host.busybox, 'bin/busybox', host)),
    ...tools.map((name) => link(`bin/${name}`, 'busybox')),
  ];
}

/** What istio-init runs: one program under many names, with the extensions that it loads by name. */
async function iptables(host: HostTools): Promise<Entry[]> {
  const name = 'xtables-nft-multi';
  const plugins = await xtablesPluginDir(await librariesOf(host.xtables, host.path));
  const files = (await readdir(plugins)).filter((file) => file.endsWith('.so'));
  return [
    ...(await program(host.xtables, `usr/sbin/${name}`, host)),
    ...IPTABLES.flatMap((item) => ['', '-save', '-restore'].map((suffix) => `${item}${suffix}`)).map((item) =>
      link(`usr/sbin/${item}`, name),
    ),
    ...files.map((file) => copy(join(plugins, file), join(plugins, file), 0o644)),
  ];
}

/** A program with its libraries, which stay where its loader looks for them. */
async function program(source: string, path: string, host: HostTools): Promise<Entry[]> {
  const libraries = await librariesOf(source, host.path);
  return [copy(source, path, 0o755), ...libraries.map((library) => copy(library, library, 0o755))];
}

function copy(source: string, path: string, mode: number): Entry {
  return { type: 'copy', path: path.replace(/^\//, ''), mode, source };
}

function link(path: string, target: string): Entry {
  return { type: 'link', path, target };
}

function directory(path: string): Entry {
  return { type: 'directory', path, mode: 0o755 };
}

function text(path: string, lines: string[]): Entry {
  return { type: 'text', path, mode: 0o644, text: `${lines.join('\n')}\n` };
}
