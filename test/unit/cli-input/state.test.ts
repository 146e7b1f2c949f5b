import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOfExample } from '../../support/folders.js';
import { MESHPLAN, run } from '../../support/run.js';

const folder = copyOfExample('primary-remote');
const ADDRESSES = [
  'cluster-1/apps/v1/Deployment/istio-system/istiod',
  'cluster-1/v1/Namespace/production',
  'cluster-2/v1/Secret/istio-system/cacerts',
];
const state = {
  formatVersion: '1',
  lineage: 'a-lineage',
  serial: 3,
  mesh: 'mesh1',
  clusters: {},
  certificates: {},
  objects: Object.fromEntries(
    ADDRESSES.map((address) => [address, { uid: `uid of ${address}`, phase: 'applied', action: 'x' }]),
  ),
};
writeFileSync(join(folder, 'meshplan.state.json'), JSON.stringify(state));

const meshplan = (...args: string[]) => run([process.execPath, MESHPLAN, 'state', ...args], { cwd: folder });

const test = suite('commands on the state');

const lists: [patterns: string[], addresses: string[]][] = [
  [[], ADDRESSES],
  [['cluster-1/**'], ADDRESSES.slice(0, 2)],
  [['cluster-?/v1/*/production', '**/cacerts'], ADDRESSES.slice(1)],
  [['cluster-1/*'], []],
];
for (const [patterns, addresses] of lists) {
  test(`list ${patterns.join(' ')}: ${addresses.length} addresses`, async () => {
    const { code, stdout, stderr } = await meshplan('list', ...patterns, '-o', 'json');
    assert.is(code, 0, stderr);
    assert.equal(JSON.parse(stdout), addresses);
  });
}

test('list says where nothing is of such an address', async () => {
  const { code, stdout, stderr } = await meshplan('list', 'nowhere/**');
  assert.equal([code, stdout], [0, '']);
  assert.match(stderr, 'holds no object of such an address');
});

for (const command of ['list', 'show']) {
  test(`${command} before the first apply shows nothing that was made up`, async () => {
    const cwd = copyOfExample('primary-remote');
    const { code, stdout, stderr } = await run([process.execPath, MESHPLAN, 'state', command], { cwd });
    assert.equal([code, stdout], [0, '']);
    assert.match(stderr, 'There is no meshplan.state.json yet');
  });
}

test('what clusters may prove wrong stops validate alone', async () => {
  const cwd = copyOfExample('primary-remote');
  const severities = 'spec:\n  lint: { severities: { empty-subset: error } }\n';
  const file = join(cwd, 'mesh.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('spec:\n', severities));
  const codeOf = async (...args: string[]) =>
    (await run([process.execPath, MESHPLAN, ...args], { cwd })).code;
  assert.equal([await codeOf('validate'), await codeOf('state', 'list')], [3, 0]);
});

test('show tells one object', async () => {
  const { stdout } = await meshplan('show', ADDRESSES[2] ?? '');
  assert.equal(JSON.parse(stdout), state.objects[ADDRESSES[2] ?? '']);
});

for (const command of ['show', 'forget']) {
  test(`${command} of an address that is not there names the nearest`, async () => {
    const { code, stderr } = await meshplan(command, 'cluster-2/v1/Secret/istio-system/cacert');
    assert.is(code, 3);
    assert.match(stderr, /unknown-address .*\n.*Did you mean cluster-2\/v1\/Secret\/istio-system\/cacerts\?/);
  });
}

test('forget takes one object out of the state', async () => {
  const { code, stdout, stderr } = await meshplan('forget', ADDRESSES[1] ?? '');
  assert.is(code, 0, stderr);
  assert.match(stdout, 'is forgotten');
  assert.equal(JSON.parse((await meshplan('list', '-o', 'json')).stdout), [ADDRESSES[0], ADDRESSES[2]]);
});

test.run();
