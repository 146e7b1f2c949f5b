import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../../support/folders.js';
import { load } from './support.js';

const test = suite('which clusters a selector means');

const clusters = [
  { name: 'hub', role: 'primary', locality: { region: 'us', zone: 'us-a' }, labels: { stage: 'live' } },
  { name: 'edge', role: 'remote', primary: 'hub', locality: { region: 'eu' }, labels: { stage: 'live' } },
  { name: 'far', role: 'remote', primary: 'hub', network: 'network2', labels: { stage: 'test', size: 's' } },
];

/** The clusters that get a namespace, or the finding on its selector. */
async function selected(selector: unknown, overlay?: unknown): Promise<string> {
  const folder = temporaryFolder();
  const file = join(folder, 'mesh.yaml');
  const namespaces = [{ name: 'store', clusters: selector }];
  const spec = { istio: { version: '1.31' }, clusters, namespaces };
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'meshplan/v1', kind: 'Mesh', metadata: { name: 'shop' }, spec }),
  );
  const overlays = overlay === undefined ? [] : [join(folder, 'overlay.json')];
  for (const path of overlays) writeFileSync(path, JSON.stringify(overlay));
  const { loaded, found } = await load(file, { overlays });
  const finding = found.find(({ severity }) => severity === 'error');
  return loaded?.mesh.namespaces[0]?.clusters.join(' ') ?? `${finding?.code}: ${finding?.hint}`;
}

const cases: [string, unknown, string][] = [
  ['all', 'all', 'hub edge far'],
  ['a list, in its order', ['far', 'hub'], 'far hub'],
  ['a role', { role: 'remote' }, 'edge far'],
  ['a region', { region: 'eu' }, 'edge'],
  ['a zone', { zone: 'us-a' }, 'hub'],
  ['a network that a cluster does not name itself', { network: 'network1' }, 'hub edge'],
  ['labels, all of them', { labels: { stage: 'test', size: 's' } }, 'far'],
  ['several conditions', { role: 'remote', labels: { stage: 'live' } }, 'edge'],
  ['all but one', { except: ['edge'] }, 'hub far'],
  ['a condition with an exception', { role: 'remote', except: ['far'] }, 'edge'],
  [
    'nothing: the nearest is told',
    { region: 'ue' },
    'no-cluster-selected: no cluster has the region `ue`; did you mean `us`?',
  ],
  [
    'nothing: a label',
    { labels: { stage: 'liv' } },
    'no-cluster-selected: no cluster has the label `stage: liv`; did you mean `live`?',
  ],
  [
    'nothing: a label that nobody has',
    { labels: { tier: 'a' } },
    'no-cluster-selected: no cluster has a label `tier`; known here: stage, size',
  ],
  [
    'nothing, though each alone would do',
    { role: 'primary', region: 'eu' },
    'no-cluster-selected: each condition alone is fulfilled, but no cluster fulfils all of them',
  ],
];
for (const [title, selector, expected] of cases) {
  test(title, async () => assert.is(await selected(selector), expected));
}

test('an overlay puts a map in the place of a list, and the other way round', async () => {
  const patchTo = (value: unknown) => ({ spec: { namespaces: [{ name: 'store', clusters: value }] } });
  assert.is(await selected(['hub'], patchTo({ role: 'remote' })), 'edge far');
  assert.is(await selected({ role: 'remote' }, patchTo(['hub'])), 'hub');
  assert.is(await selected({ role: 'remote' }, patchTo({ role: null, region: 'us' })), 'hub');
  const replace = [{ op: 'replace', path: '/spec/namespaces/0/clusters', value: { except: ['hub'] } }];
  assert.is(await selected('all', replace), 'edge far');
});

test.run();
