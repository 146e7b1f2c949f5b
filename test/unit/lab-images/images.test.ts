import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import { namesOf } from '../../../src/lab/binaries/executables.js';
import type { BinaryNames, BinaryPaths } from '../../../src/lab/binaries/index.js';
import { LEVELS } from '../../../src/lab/binaries/levels.js';
import type { HostTools } from '../../../src/lab/host-needs.js';
import { parseLdd } from '../../../src/lab/images/closure.js';
import { ensureImages } from '../../../src/lab/images/index.js';
import { readArchive } from './support.js';

// A machine of scripts: its ldd knows libraries of xtables-nft-multi and curl, everything else is static.
const root = mkdtempSync(join(tmpdir(), 'meshplan-images-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));
process.env.MESHPLAN_CACHE_DIR = join(root, 'cache');

const LIB = join(root, 'lib');

function write(path: string, text: string, mode = 0o755): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const host: HostTools = {
  ip: '',
  nsenter: '',
  runc: '',
  iptables: '',
  cniDir: '',
  xtables: write(join(root, 'bin/xtables-nft-multi'), 'xtables'),
  busybox: write(join(root, 'bin/busybox'), '#!/bin/sh\nprintf "[\\nbusybox\\ncat\\nseq\\nsh\\nsleep\\n"\n'),
  curl: write(join(root, 'bin/curl'), 'curl'),
  path: `${join(root, 'bin')}:/usr/bin:/bin`,
};
write(
  join(root, 'bin/ldd'),
  `#!/bin/sh
case $1 in
  */xtables-nft-multi) printf '\\tlinux-vdso.so.1 (0x1)\\n\\tlibxtables.so.12 => ${LIB}/libxtables.so.12 (0x2)\\n' ;;
  */curl) printf '\\tlibc.so.6 => ${LIB}/libc.so.6 (0x3)\\n\\t${LIB}/ld.so (0x4)\\n' ;;
  *) printf '\\tnot a dynamic executable\\n'; exit 1 ;;
esac
`,
);
for (const name of ['libxtables.so.12', 'libc.so.6', 'ld.so', 'libresolv.so.2', 'xtables/libxt_owner.so'])
  write(join(LIB, name), name);

const names = LEVELS[2].flatMap(namesOf) as BinaryNames[2][];
const binaries = Object.fromEntries(
  names.map((name) => [name, write(join(root, 'programs', name), `the ${name}`)]),
) as BinaryPaths<2>;

const archives = await ensureImages({ binaries, host });
const inRoot = (path: string) => path.replace(/^\//, '');

async function archiveOf(reference: string) {
  const found = archives.find((archive) => archive.names.includes(reference));
  assert.ok(found, reference);
  const read = await readArchive(found.path);
  const image = read.images.find((item) => item.reference === reference);
  assert.ok(image, `${reference} is in ${found.path}`);
  return { ...read, ...image.config.config };
}

test('the images have the names that the lab, the charts and the guide use', () => {
  assert.equal(
    archives.map((archive) => archive.names),
    [
      ['lab.meshplan.dev/pause:1.0.0'],
      ['lab.meshplan.dev/coredns:1.15.0'],
      ['lab.meshplan.dev/istio/pilot:1.31-dev'],
      ['lab.meshplan.dev/istio/proxyv2:1.31-dev'],
      [
        'registry.k8s.io/e2e-test-images/agnhost:2.66.1',
        'docker.io/library/frontend:v1',
        'docker.io/library/backend:v1',
        'docker.io/library/backend:v2',
      ],
    ],
  );
});

test('pause and coredns are one program each', async () => {
  for (const [reference, name] of [
    ['lab.meshplan.dev/pause:1.0.0', 'pause'],
    ['lab.meshplan.dev/coredns:1.15.0', 'coredns'],
  ] as const) {
    const { layer, Entrypoint } = await archiveOf(reference);
    assert.equal([...layer.keys()], [name]);
    assert.is(layer.get(name)?.body.toString(), `the ${name}`);
    assert.equal(Entrypoint, [`/${name}`]);
  }
});

test('pilot runs as the user of the charts, and has a shell', async () => {
  const { layer, Entrypoint, User } = await archiveOf('lab.meshplan.dev/istio/pilot:1.31-dev');
  assert.equal([Entrypoint, User], [['/usr/local/bin/pilot-discovery'], '1337:1337']);
  assert.is(layer.get('usr/local/bin/pilot-discovery')?.body.toString(), 'the pilot-discovery');
  for (const tool of ['sh', 'cat', 'seq', 'sleep', '['])
    assert.is(layer.get(`bin/${tool}`)?.target, 'busybox', tool);
  assert.is(layer.get('bin/busybox')?.type, 'file');
  assert.match(layer.get('etc/passwd')?.body.toString() ?? '', /^istio-proxy:x:1337:/m);
  assert.is(layer.get('tmp')?.mode, 0o1777);
});

test('the proxy has Envoy, its template, and iptables under all its names', async () => {
  const { layer, Entrypoint } = await archiveOf('lab.meshplan.dev/istio/proxyv2:1.31-dev');
  assert.equal(Entrypoint, ['/usr/local/bin/pilot-agent']);
  assert.is(layer.get('usr/local/bin/envoy')?.body.toString(), 'the envoy');
  const template = layer.get('var/lib/istio/envoy/envoy_bootstrap_tmpl.json');
  assert.equal([template?.body.toString(), template?.mode], ['the envoy_bootstrap.json', 0o644]);
  for (const name of ['iptables', 'iptables-save', 'iptables-restore', 'ip6tables-nft-restore'])
    assert.is(layer.get(`usr/sbin/${name}`)?.target, 'xtables-nft-multi', name);
  for (const path of [join(LIB, 'libxtables.so.12'), join(LIB, 'xtables/libxt_owner.so')])
    assert.ok(layer.has(inRoot(path)), path);
});

test('agnhost serves HTTP under the names of the guide, and has curl with its libraries', async () => {
  const plain = await archiveOf('registry.k8s.io/e2e-test-images/agnhost:2.66.1');
  assert.equal([plain.Entrypoint, plain.Cmd], [['/agnhost'], ['pause']]);
  const backend = await archiveOf('docker.io/library/backend:v2');
  assert.equal(backend.Entrypoint, ['/agnhost', 'netexec', '--http-port', '8080', '--udp-port', '-1']);
  assert.is(backend.layerDigest, plain.layerDigest);
  for (const path of [
    'usr/bin/curl',
    join(LIB, 'libc.so.6'),
    join(LIB, 'ld.so'),
    join(LIB, 'libresolv.so.2'),
  ])
    assert.ok(plain.layer.has(inRoot(path)), path);
});

test('a second time nothing is written', async () => {
  const dir = join(root, 'cache', 'images');
  const before = readdirSync(dir).toSorted();
  assert.equal(await ensureImages({ binaries, host }), archives);
  assert.equal(readdirSync(dir).toSorted(), before);
});

test('another program gives another archive', async () => {
  const changed = { ...binaries, pause: write(join(root, 'other', 'pause'), 'another pause') };
  const [pause, ...others] = await ensureImages({ binaries: changed, host });
  assert.is.not(pause?.path, archives[0]?.path);
  assert.equal(others, archives.slice(1));
});

test('a cache that cannot be written is told with the way out', async () => {
  const own = process.env.MESHPLAN_CACHE_DIR;
  process.env.MESHPLAN_CACHE_DIR = binaries.pause;
  const error = await ensureImages({ binaries, host }).catch((thrown: unknown) => thrown);
  process.env.MESHPLAN_CACHE_DIR = own;
  assert.ok(error instanceof MeshplanError);
  assert.is(error.code, 'lab-images-failed');
  assert.match(error.hint ?? '', /MESHPLAN_CACHE_DIR/);
});

test('an abort is passed on as it is', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  const changed = { ...binaries, pause: write(join(root, 'third', 'pause'), 'a third pause') };
  const error = await ensureImages({ binaries: changed, host, signal }).catch((thrown: unknown) => thrown);
  assert.is((error as Error).message, 'enough');
});

for (const [system, output, paths] of [
  [
    'glibc',
    '\tlinux-vdso.so.1 (0x00007ffc)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f2a)\n\t/lib64/ld-linux-x86-64.so.2 (0x00007f2b)\n',
    ['/lib/x86_64-linux-gnu/libc.so.6', '/lib64/ld-linux-x86-64.so.2'],
  ],
  [
    'musl',
    '\t/lib/ld-musl-x86_64.so.1 (0x7f50)\n\tlibz.so.1 => /lib/libz.so.1 (0x7f51)\n\tlibc.musl-x86_64.so.1 => /lib/ld-musl-x86_64.so.1 (0x7f50)\n',
    ['/lib/ld-musl-x86_64.so.1', '/lib/libz.so.1'],
  ],
  ['a static program', '\tstatically linked\n', []],
] as const) {
  test(`what ldd says is read: ${system}`, () => assert.equal(parseLdd(output), [...paths]));
}

test.run();
