import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import type { Kustomize } from '../../../src/model/kustomize.js';
import { temporaryFolder } from '../../support/folders.js';
import { brief, load, objectsOf } from './support.js';

const test = suite('kustomizations among the manifests');

const mesh = (manifests: string) => `
apiVersion: meshplan/v1
kind: Mesh
metadata: { name: shop }
spec:
  istio: { version: "1.31" }
  clusters: [{ name: hub, role: primary }, { name: edge, role: remote }]
  controlPlane: { exposure: { allowFrom: [10.0.0.0/8] } }
  workloads:
    - { manifests: "${manifests}", clusters: all }
`;

const configMap = (name: string, annotations = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default', annotations },
  });

/** A folder with these files below it, in a folder of its own: the mesh in `mesh/`, strangers beside it. */
function folderWith(files: Record<string, string>): string {
  const folder = realpathSync(temporaryFolder());
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'mesh', name)), { recursive: true });
    writeFileSync(join(folder, 'mesh', name), text);
  }
  return join(folder, 'mesh');
}

/** What is found in the mesh of a folder, the folders that were to be built, and the names of the objects. */
async function read(folder: string, build: Kustomize['build'] = async (origin) => ({ yaml: '', origin })) {
  const built: string[] = [];
  process.chdir(folder);
  const { found, loaded } = await load('mesh.yaml', {
    kustomize: {
      build(path, options) {
        built.push(`${relative(folder, path)}${options.origins ? '' : ' without origins'}`);
        return build(path, options);
      },
    },
  });
  const workload = loaded?.mesh.workloads[0];
  const names = objectsOf(workload).map(({ metadata }) => metadata.name);
  const places = workload?.objects.get('hub')?.map(({ source }) => `${source.file}:${source.line}`);
  return { found: found.map(brief), findings: found, built, names, places, objects: objectsOf(workload) };
}

const plain = 'resources: []\n';

test('a folder with a kustomization is built, and so is the file itself', async () => {
  for (const manifests of ['apps/shop', 'apps/shop/kustomization.yaml']) {
    const folder = folderWith({ 'mesh.yaml': mesh(manifests), 'apps/shop/kustomization.yaml': plain });
    const yaml = `${configMap('a')}\n---\n${configMap('b')}\n`;
    const { found, built, names, places } = await read(folder, async (origin) => ({ yaml, origin }));
    assert.equal(found, []);
    assert.equal(built, ['apps/shop']);
    assert.equal(names, ['a', 'b']);
    assert.equal(places, ['apps/shop/kustomization.yaml:1', 'apps/shop/kustomization.yaml:1']);
  }
  for (const name of ['kustomization.yml', 'Kustomization']) {
    const folder = folderWith({ 'mesh.yaml': mesh('apps'), [`apps/${name}`]: plain });
    assert.equal((await read(folder)).built, ['apps']);
  }
});

test('objects have the place of the file that they are from, and lose the note of it', async () => {
  const folder = folderWith({
    'mesh.yaml': mesh('apps'),
    'apps/kustomization.yaml': 'resources: [base.yaml]\nnamePrefix: eu-\n',
    'apps/base.yaml': `${configMap('first')}\n---\n${configMap('second')}\n`,
  });
  const origin = (text: string) => ({ 'config.kubernetes.io/origin': text, keep: 'yes' });
  const yaml = [
    configMap('eu-second', origin('path: apps/base.yaml\n')),
    configMap(
      'made',
      origin('configuredIn: apps/kustomization.yaml\nconfiguredBy: { kind: ConfigMapGenerator }\n'),
    ),
  ].join('\n---\n');
  const { places, objects } = await read(folder, async () => ({ yaml, origin: folder }));
  assert.equal(places, ['apps/base.yaml:3', 'apps/kustomization.yaml:1']);
  assert.equal(
    objects.map(({ metadata }) => metadata.annotations),
    [{ keep: 'yes' }, { keep: 'yes' }],
  );
});

test('what means something in the outermost kustomization alone keeps its place', async () => {
  for (const field of ['buildMetadata: [managedByLabel]', 'openapi: { path: schema.json }']) {
    const folder = folderWith({
      'mesh.yaml': mesh('apps'),
      'apps/kustomization.yaml': `${field}\n`,
      'apps/schema.json': '{}',
    });
    assert.equal((await read(folder)).built, ['apps without origins']);
  }
});

test('a glob does not descend into kustomizations, and says so where nothing else fits', async () => {
  const files = {
    'mesh.yaml': mesh('apps/**/*.yaml'),
    'apps/shop/kustomization.yaml': plain,
    'apps/shop/patches/part.yaml': 'spec: {}\n',
  };
  const mixed = await read(folderWith({ ...files, 'apps/plain/a.yaml': configMap('a') }));
  assert.equal([mixed.found, mixed.names], [[], ['a']]);
  const alone = await read(folderWith(files));
  assert.equal(alone.found, ['mesh.yaml:10:20 manifest-missing']);
  assert.match(alone.findings[0]?.hint ?? '', 'write `manifests: apps/shop`');
});

test('a glob in a kustomization finds no manifests; one file of it is taken as it is', async () => {
  const files = { 'apps/kustomization.yaml': plain, 'apps/a.yaml': configMap('a') };
  const glob = await read(folderWith({ ...files, 'mesh.yaml': mesh('apps/*.yaml') }));
  assert.equal(glob.found, ['mesh.yaml:10:20 manifest-missing']);
  const one = await read(folderWith({ ...files, 'mesh.yaml': mesh('apps/a.yaml') }));
  assert.equal([one.found, one.names, one.built], [[], ['a'], []]);
});

/** Lines of a kustomization, and the code that each is refused with. */
const refused: [string, string, string][] = [
  ['a URL', 'resources: ["https://example.com/a.yaml"]', '1:13 manifest-outside'],
  ['a repository', 'resources: ["github.com/a/b//c?ref=v1"]', '1:13 manifest-outside'],
  ['a repository by ssh', 'bases: ["git@example.com:a/b"]', '1:9 manifest-outside'],
  ['an absolute path', 'components: [/etc]', '1:14 manifest-outside'],
  ['a path that leads out', 'resources: [../../beside.yaml]', '1:13 manifest-outside'],
  ['a link that leads out', 'crds: [link/beside.yaml]', '1:8 manifest-outside'],
  [
    'a file of a generator',
    'configMapGenerator: [{ name: a, files: [key=/etc/passwd] }]',
    '1:41 manifest-outside',
  ],
  [
    'variables of a generator',
    'secretGenerator: [{ name: a, envs: [../../a.env] }]',
    '1:37 manifest-outside',
  ],
  ['a patch', 'patches: [{ path: "https://example.com/p.yaml" }]', '1:19 manifest-outside'],
  ['a patch of the older kind', 'patchesStrategicMerge: [../../p.yaml]', '1:25 manifest-outside'],
  ['a replacement', 'replacements: [{ path: ../../r.yaml }]', '1:24 manifest-outside'],
  ['a transformer', 'transformers: [../../t.yaml]', '1:16 manifest-outside'],
  ['a schema', 'openapi: { path: ../../s.json }', '1:18 manifest-outside'],
  ['what is not there', 'resources: [none.yaml]', '1:13 manifest-missing'],
  ['a chart', 'helmCharts: [{ name: a }]', '1:1 kustomize-plugin'],
  ['what is no YAML', 'resources: [', '2:1 yaml-syntax'],
];
for (const [title, text, expected] of refused) {
  test(`${title} is refused before anything is built`, async () => {
    const folder = folderWith({ 'mesh.yaml': mesh('apps'), 'apps/kustomization.yaml': `${text}\n` });
    writeFileSync(join(folder, '..', 'beside.yaml'), configMap('beside'));
    symlinkSync(join(folder, '..'), join(folder, 'apps', 'link'));
    const { found, built } = await read(folder);
    assert.equal([found, built], [[`apps/kustomization.yaml:${expected}`], []]);
  });
}

test('kustomizations below are looked through as well, each once', async () => {
  const folder = folderWith({
    'mesh.yaml': mesh('apps/live'),
    'apps/live/kustomization.yaml': 'resources: [../base, ../more]\n',
    'apps/base/kustomization.yaml': 'resources: [../../../beside.yaml]\n',
    'apps/more/kustomization.yaml': 'resources: [../base, ../live]\n',
  });
  const { found, built } = await read(folder);
  assert.equal([found, built], [['apps/base/kustomization.yaml:1:13 manifest-outside'], []]);
});

test('what is written in the place of a path is no path', async () => {
  const folder = folderWith({
    'mesh.yaml': mesh('apps'),
    'apps/kustomization.yaml': [
      'transformers:',
      '  - |-',
      '    apiVersion: builtin',
      '    kind: PrefixTransformer',
      "patchesStrategicMerge: ['{apiVersion: v1, kind: Service, metadata: {name: a}}']",
      'configMapGenerator: [{ name: a, literals: [url=https://example.com] }]',
    ].join('\n'),
  });
  const { found, built } = await read(folder);
  assert.equal([found, built], [[], ['apps']]);
});

test('a build that fails is told with its words, at the field that it names', async () => {
  const folder = folderWith({
    'mesh.yaml': mesh('apps'),
    'apps/kustomization.yaml': `${plain}namePrefx: a\n`,
  });
  const fail = (message: string) => () =>
    Promise.reject(new MeshplanError('kustomize-failed', message, { hint: 'mend' }));
  const field = await read(folder, fail('json: unknown field "namePrefx"'));
  assert.equal(field.found, ['apps/kustomization.yaml:2:1 kustomize-failed']);
  assert.equal((await read(folder, fail('no'))).found, ['apps/kustomization.yaml kustomize-failed']);
});

test('what comes out of a build is checked like a manifest', async () => {
  const folder = folderWith({ 'mesh.yaml': mesh('apps'), 'apps/kustomization.yaml': plain });
  const yaml = '{ apiVersion: v1, kind: Service, metadata: { name: a } }';
  const { found } = await read(folder, async (origin) => ({ yaml, origin }));
  assert.equal(found, ['apps/kustomization.yaml:1:1 namespace-missing']);
});

test('without anything that builds them they are refused', async () => {
  const folder = folderWith({ 'mesh.yaml': mesh('apps'), 'apps/kustomization.yaml': plain });
  process.chdir(folder);
  const { found } = await load('mesh.yaml');
  assert.equal(found.map(brief), ['apps/kustomization.yaml kustomize-missing']);
});

test.run();
