import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { misfitsOf } from '../../../src/config/index.js';
import type { Crd } from '../../../src/model/crd.js';
import { brief, load } from './support.js';

const test = suite('custom resources against the CRDs of the same manifests');

const home = process.cwd();
const folder = mkdtempSync(join(tmpdir(), 'meshplan-crd-'));
test.before(() => process.chdir(folder));
test.after(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [size, colour]
              properties:
                size: {type: integer, minimum: 0, exclusiveMinimum: true}
                colour: {type: string, enum: [red, green], default: red}
                port: {x-kubernetes-int-or-string: true}
                note: {type: string, nullable: true}
                name: {type: string, pattern: '^(?i)[a-z]+$'}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: string}}}
                tags: {type: object, additionalProperties: {type: string}}
                parts: {type: array, items: {type: object, required: [id], properties: {id: {type: string}}}}
                how:
                  type: object
                  properties: {fast: {type: boolean}, slow: {type: boolean}}
                  oneOf: [{required: [fast]}, {required: [slow]}]
`;

const MESH = (workloads: string) => `apiVersion: meshplan/v1
kind: Mesh
metadata: {name: m}
spec:
  istio: {version: "1.31"}
  clusters:
    - {name: one, role: primary}
    - {name: two, role: primary}
  namespaces: [{name: shop}]
  workloads:
${workloads}`;

const widget = (spec: string, rest = '') => `apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: shop}${rest}
spec:
${spec
  .split('\n')
  .map((line) => `  ${line}`)
  .join('\n')}
`;

async function found(object: string, workloads = '    - {manifests: all, clusters: [one]}\n') {
  mkdirSync('all', { recursive: true });
  writeFileSync(join('all', 'crd.yaml'), CRD);
  writeFileSync(join('all', 'w.yaml'), object);
  writeFileSync('mesh.yaml', MESH(workloads));
  return (await load('mesh.yaml')).found.filter(({ code }) => code !== 'exposure-open');
}

const cases: [title: string, spec: string, expected: string[]][] = [
  ['what fits is fine', 'size: 1', []],
  ['a required field with a default may be left out', 'size: 1\nfree: {a: x, b: 1}\ntags: {x: z}', []],
  ['a text where a number belongs', 'size: large', ['all/w.yaml:5:9 wrong-type']],
  ['a field that the schema does not know', 'size: 1\nsise: 2', ['all/w.yaml:6:3 unknown-key']],
  ['a missing field', 'colour: red', ['all/w.yaml:4:1 missing-key']],
  ['a value that is not among those allowed', 'size: 1\ncolour: blue', ['all/w.yaml:6:11 bad-value']],
  ['a limit that is itself excluded', 'size: 0', ['all/w.yaml:5:9 bad-value']],
  ['a number or a text', 'size: 1\nport: 80', []],
  ['a text or a number', 'size: 1\nport: http', []],
  ['neither of them', 'size: 1\nport: [80]', ['all/w.yaml:6:9 wrong-type']],
  ['null where the schema permits it', 'size: 1\nnote: null', []],
  ['a pattern that only Go knows is left to the server', 'size: 1\nname: "1"', []],
  ['a field deep in a list', 'size: 1\nparts: [{id: a}, {id: 2}]', ['all/w.yaml:6:25 wrong-type']],
  ['a value of a free map', 'size: 1\ntags: {x: 1}', ['all/w.yaml:6:13 wrong-type']],
  ['two alternatives at once', 'size: 1\nhow: {fast: true, slow: true}', ['all/w.yaml:6:8 bad-value']],
  ['no alternative', 'size: 1\nhow: {}', ['all/w.yaml:6:8 bad-value']],
];
for (const [title, spec, expected] of cases) {
  test(title, async () => assert.equal((await found(widget(spec))).map(brief), expected));
}

test('the hint of a typo names the field that was meant', async () => {
  const [finding] = await found(widget('size: 1\nsise: 2'));
  assert.is(finding?.message, 'unknown key `sise` in spec');
  assert.is(finding?.hint, 'did you mean `size`?');
});

test('a hint that has nothing better names the CRD', async () => {
  const [finding] = await found(widget('size: large'));
  assert.match(finding?.hint ?? '', 'widgets.example.com');
});

test('a namespaced kind without namespace', async () => {
  const object = widget('size: 1').replace(', namespace: shop', '');
  assert.equal((await found(object)).map(brief), ['all/w.yaml:3:1 namespace-missing']);
});

test('a CRD in another workload entry of the same cluster counts, one of another cluster does not', async () => {
  const workloads = (cluster: string) =>
    `    - {manifests: all/w.yaml, clusters: [one]}\n    - {manifests: all/crd.yaml, clusters: [${cluster}]}\n`;
  assert.is((await found(widget('size: large'), workloads('one'))).length, 1);
  assert.is((await found(widget('size: large'), workloads('two'))).length, 0);
});

test('a wrong object is told once, however many clusters it goes to', async () => {
  const workloads = '    - {manifests: all, clusters: all}\n    - {manifests: all/w.yaml, clusters: [one]}\n';
  assert.is((await found(widget('size: large'), workloads)).length, 1);
});

test('an object that was not written by hand is told in sentences', () => {
  const schema = {
    type: 'object',
    properties: { spec: { type: 'object', properties: { a: { type: 'integer' } } } },
  };
  const crd: Crd = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'xs.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'X', plural: 'xs' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', schema: { openAPIV3Schema: schema } }],
    },
  };
  const object = { apiVersion: 'example.com/v1', kind: 'X', metadata: { name: 'x', namespace: 'n' } };
  assert.equal(misfitsOf(crd, { ...object, spec: { a: 1 } }), []);
  assert.equal(misfitsOf(crd, { ...object, spec: { a: '1' } }), [
    'spec.a has to be a whole number, not the text "1"',
  ]);
});

test.run();
