import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { choicesOf } from '../../../src/cli/init/choices.js';
import { type Choice, draftOf, type Findings } from '../../../src/cli/init/draft.js';
import { shortNames } from '../../../src/cli/init/names.js';
import { placeFile } from '../../../src/cli/init/place-file.js';
import { type ClusterReading, describeNodes } from '../../../src/cli/init/read.js';
import { meshText } from '../../../src/cli/init/text.js';
import { loadMesh } from '../../../src/config/index.js';
import { MeshplanError } from '../../../src/errors/index.js';

const folder = mkdtempSync(join(tmpdir(), 'meshplan-init-'));
process.on('exit', () => rmSync(folder, { recursive: true }));

const reading = (context: string, fields: Partial<ClusterReading> = {}): ClusterReading => ({
  context,
  server: `https://${context}.example:6443`,
  loopback: false,
  uid: `uid-of-${context}`,
  regions: ['us-east-1'],
  zones: ['us-east-1a'],
  podCidrs: [],
  ...fields,
});

function findings(
  choices: Choice[],
  readings: ClusterReading[] = [],
  fields: Partial<Findings> = {},
): Findings {
  const all = choices.map(
    ({ context }) => readings.find((item) => item.context === context) ?? reading(context),
  );
  return {
    choices,
    readings: new Map(all.map((item) => [item.context, item])),
    mesh: undefined,
    istioVersion: undefined,
    istioctlVersion: '1.31.2',
    ...fields,
  };
}

/** The file as it is read again, with its text; errors in it are thrown. */
async function written(found: Findings) {
  const text = meshText(draftOf(found));
  const file = join(folder, 'mesh.yaml');
  writeFileSync(file, text);
  const { mesh } = await loadMesh(file);
  return { text, mesh };
}

const refuses = (code: string, work: () => unknown) =>
  assert.throws(
    work,
    (error: unknown) => error instanceof MeshplanError && error.code === code && error.hint,
  );

const test = suite('init');

const names: [context: string, name: string][] = [
  ['cluster-1', 'cluster-1'],
  ['arn:aws:eks:us-east-1:123456789012:cluster/prod-east', 'prod-east'],
  ['gke_my-project_europe-west1-b_shop', 'shop'],
  ['kubernetes-admin@Kubernetes', 'kubernetes'],
  ['shop/api-hub-example-com:6443/kube:admin', 'api-hub-example-com'],
  ['admin@prod.example.com', 'prod-example-com'],
  ['k3d_My Cluster!', 'k3d-my-cluster'],
  ['all', 'all-2'],
  ['---', 'cluster-1'],
  ['x'.repeat(80), 'x'.repeat(63)],
];
for (const [context, name] of names) {
  test(`context ${context}: cluster ${name}`, () => assert.is(shortNames([context]).get(context), name));
}

test('no two contexts get one name', () =>
  assert.equal(
    [...shortNames(['a@prod', 'b@prod', 'prod-2', 'c/prod']).values()],
    ['prod', 'prod-2', 'prod-2-2', 'prod-3'],
  ));

const EKS = 'arn:aws:eks:us-east-1:1:cluster/east';
const contexts = ['one', 'two', EKS].map((name) => ({ name, server: 'https://x', current: false }));
const flags: [flag: string, choice: Choice][] = [
  ['one', { context: 'one' }],
  ['one:primary', { context: 'one', role: 'primary' }],
  ['two:remote', { context: 'two', role: 'remote' }],
  ['two:remote:one', { context: 'two', role: 'remote', primary: 'one' }],
  [EKS, { context: EKS }],
  [`${EKS}:primary`, { context: EKS, role: 'primary' }],
  [`two:remote:${EKS}`, { context: 'two', role: 'remote', primary: EKS }],
];
for (const [flag, choice] of flags) {
  test(`--context ${flag}`, () => assert.equal(choicesOf([flag], contexts), [choice]));
}

test('a context that is not there is refused, and one that is named twice is taken once', () => {
  refuses('context-missing', () => choicesOf(['three:primary'], contexts));
  refuses('context-missing', () => choicesOf(['one:gateway'], contexts));
  assert.equal(choicesOf(['one:primary', 'one'], contexts), [{ context: 'one', role: 'primary' }]);
});

test('the first is the primary of the others, unless somebody is', async () => {
  const rolesIn = async (choices: Choice[]) =>
    (await written(findings(choices))).mesh.clusters.map(
      ({ name, role, primary }) => `${name} ${role} ${primary}`,
    );
  assert.equal(await rolesIn([{ context: 'one' }, { context: 'two' }]), [
    'one primary one',
    'two remote one',
  ]);
  assert.equal(await rolesIn([{ context: 'one' }, { context: 'two', role: 'primary' }]), [
    'one remote two',
    'two primary two',
  ]);
  assert.equal(await rolesIn([{ context: 'one', role: 'remote' }, { context: 'two' }]), [
    'one remote two',
    'two primary two',
  ]);
  const two: Choice[] = [
    { context: 'one', role: 'primary' },
    { context: 'a@two', role: 'primary' },
    { context: 'three', primary: 'a@two' },
    { context: 'four' },
  ];
  assert.equal(await rolesIn(two), [
    'one primary one',
    'two primary two',
    'three remote two',
    'four remote one',
  ]);
  refuses('primary-undecided', () => draftOf(findings([{ context: 'one', role: 'remote' }])));
});

test('what the cluster says is taken', async () => {
  const found = findings(
    [{ context: EKS }, { context: 'two' }],
    [
      reading(EKS, { istio: { version: '1.30.1', revision: 'default', meshId: 'shop' }, network: 'vpc-7' }),
      reading('two', { regions: ['eu-1', 'eu-2'], zones: ['eu-1a', 'eu-2b'] }),
    ],
  );
  const { mesh, text } = await written(found);
  assert.is(mesh.name, 'shop');
  assert.is(mesh.istio.version, '1.31');
  const [east, two] = mesh.clusters;
  assert.equal(
    [east?.name, east?.context, east?.network, east?.locality],
    ['east', EKS, 'vpc-7', { region: 'us-east-1', zone: 'us-east-1a' }],
  );
  assert.equal([two?.network, two?.locality], ['vpc-7', { region: 'eu-1' }]);
  for (const said of [
    /Istio 1\.30\.1 is installed there/,
    /several regions \(eu-1, eu-2\)/,
    /a guess for the others/,
  ]) {
    assert.match(text, said);
  }
});

test('one flat network is a guess, and said so; equal ranges of pods are no flat network', async () => {
  const flat = await written(findings([{ context: 'one' }, { context: 'two' }]));
  assert.equal(flat.mesh.networks, ['network1']);
  assert.match(flat.text, /# Networks: a guess: pods of all clusters reach each other directly/);
  const podCidrs = ['10.244.0.0/24'];
  const kind = findings(
    [{ context: 'one' }, { context: 'two' }],
    [reading('one', { podCidrs }), reading('two', { podCidrs })],
  );
  const split = await written(kind);
  assert.equal(
    split.mesh.clusters.map(({ network }) => network),
    ['network1', 'network2'],
  );
  assert.match(split.text, /# Networks: a guess: .*10\.244\.0\.0\/24/);
});

test('a server of this machine alone gets a note on apiServer', async () => {
  const found = findings(
    [{ context: 'one' }, { context: 'two' }],
    [reading('two', { server: 'https://127.0.0.1:6443', loopback: true })],
  );
  const { text } = await written(found);
  assert.match(text, /127\.0\.0\.1:6443 is an address of this machine alone: istiod in one cannot reach it/);
  assert.match(text, /# apiServer: https:/);
});

test('a cluster that cannot be read is written all the same, and no answer of it leaves its comment', async () => {
  const error = 'gone\n  - name: evil\u2028x';
  const { mesh, text } = await written(
    findings([{ context: 'one' }], [reading('one', { error, regions: [] })]),
  );
  assert.equal(
    mesh.clusters.map(({ name }) => name),
    ['one'],
  );
  assert.match(text, /# It could not be read \(gone {3}- name: evil x\)/);
});

for (const word of ['true', 'null', 'no', '12', '1e3', '0x1']) {
  test(`a context called ${word} stays a text`, async () => {
    const { mesh } = await written(findings([{ context: word }], [], { mesh: word }));
    assert.equal([mesh.name, mesh.clusters[0]?.name, mesh.clusters[0]?.context], [word, word, word]);
  });
}

test('the version is that of the flag, of istioctl, of an Istio that is there, or a known one', async () => {
  const one: Choice[] = [{ context: 'one' }];
  const istio = [reading('one', { istio: { version: '1.29.4', revision: 'default' } })];
  const versionOf = async (found: Findings) => (await written(found)).mesh.istio.version;
  assert.is(await versionOf(findings(one, istio, { istioVersion: '1.30.1' })), '1.30.1');
  assert.is(await versionOf(findings(one, istio, { istioctlVersion: '1.31-dev' })), '1.31');
  assert.is(await versionOf(findings(one, istio, { istioctlVersion: undefined })), '1.29');
  assert.is(await versionOf(findings(one, [], { istioctlVersion: undefined })), '1.31');
});

test('nodes tell regions, zones and ranges of pods', () => {
  const node = (region: string | undefined, zone: string, podCIDR: string) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: 'n',
      labels: {
        ...(region ? { 'topology.kubernetes.io/region': region } : {}),
        'topology.kubernetes.io/zone': zone,
      },
    },
    spec: podCIDR === '' ? {} : { podCIDR },
  });
  const nodes = [
    node('b', 'b1', '10.0.0.0/24'),
    node('a', 'a1', '10.0.1.0/24'),
    node('a', 'a1', '10.0.1.0/24'),
    node(undefined, '', ''),
  ];
  assert.equal(describeNodes(nodes), {
    regions: ['a', 'b'],
    zones: ['a1', 'b1'],
    podCidrs: ['10.0.0.0/24', '10.0.1.0/24'],
  });
});

test('a file that is there stays unless it is forced, and nothing is left beside it', async () => {
  const file = join(folder, 'placed.yaml');
  assert.is(await placeFile(file, 'one', false), 'placed');
  assert.is(await placeFile(file, 'two', false), 'exists');
  assert.is(readFileSync(file, 'utf8'), 'one');
  assert.is(await placeFile(file, 'two', true), 'placed');
  assert.is(readFileSync(file, 'utf8'), 'two');
  assert.equal(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test.run();
