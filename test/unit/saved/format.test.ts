import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ExitCode, MeshplanError } from '../../../src/errors/index.js';
import type { DesiredAction } from '../../../src/model/action.js';
import { canonicalJson, digestOf } from '../../../src/saved/canonical.js';
import { differingParts, digestDeclaration } from '../../../src/saved/declaration.js';
import { formatSavedPlan, parseSavedPlan } from '../../../src/saved/format.js';
import { requestFor } from '../../../src/saved/request.js';
import { actionOf, configMap, mesh } from '../plan/support.js';
import { at, readingOf, savedOf } from './support.js';

const test = suite('a saved plan as a file');

test('canonical JSON has one form, whatever the order of keys', () => {
  assert.is(
    canonicalJson({ b: [1, { d: null, c: 'é' }], a: undefined, 10: 1, 9: true }),
    '{"10":1,"9":true,"b":[1,{"c":"é","d":null}]}',
  );
  assert.is(digestOf({ a: 1, b: 2 }), digestOf({ b: 2, a: 1 }));
  assert.is.not(digestOf([1, 2]), digestOf([2, 1]));
  // echo -n '{}' | sha256sum
  assert.is(digestOf({}), 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
});

const declared = configMap('a', { x: '1' });
const reading = readingOf([actionOf('one/a')], {
  'one/a': { declared, live: at(configMap('a', { x: '5' }), '7') },
});
const {
  formatVersion: _v,
  digest: _d,
  ...content
} = savedOf(reading, {
  request: { maxImpact: 'new-pods' },
  state: { lineage: 'l', serial: 3 },
});
const { text, digest } = formatSavedPlan(content);

test('what was written is read, with the digest that was told', () => {
  const read = parseSavedPlan(text, 'x.plan');
  assert.is(read.digest, digest);
  assert.equal(read.request, { maxImpact: 'new-pods' });
  assert.equal(read.basis['one/v1/ConfigMap/shop/a'], {
    uid: 'uid-of-a',
    resourceVersion: '7',
    fields: { '/data/x': '5' },
  });
  assert.equal(parseSavedPlan(JSON.stringify(JSON.parse(text)), 'x.plan'), read, 'white space means nothing');
});

test('folders of this machine stay out', () => {
  const plan = {
    ...content.plan,
    overlays: ['/home/me/lab.yaml', 'prod.yaml'],
    diagnostics: [
      { severity: 'warning' as const, code: 'c', message: 'm', file: '/home/me/mesh.yaml', line: 1 },
    ],
  };
  const read = parseSavedPlan(formatSavedPlan({ ...content, plan }).text, 'x.plan');
  assert.equal(read.plan.overlays, ['lab.yaml', 'prod.yaml']);
  assert.is(read.plan.diagnostics[0]?.file, 'mesh.yaml');
});

const changed = (change: (raw: Record<string, unknown>) => void, sign = false): string => {
  const raw = JSON.parse(text) as Record<string, unknown>;
  change(raw);
  const { digest: old, ...rest } = raw;
  return JSON.stringify({ ...rest, digest: sign ? digestOf(rest) : old });
};

const refused: [what: string, text: string, code: string, why: RegExp][] = [
  ['no JSON', 'apiVersion: x', 'plan-file-corrupt', /not JSON/],
  ['a list', '[]', 'plan-file-corrupt', /no JSON object/],
  ['some other JSON', '{"mesh":"mesh1"}', 'plan-file-corrupt', /no saved plan/],
  ['cut off', text.slice(0, -20), 'plan-file-corrupt', /not JSON/],
  [
    'nested without end',
    `{"formatVersion":"1","digest":"x","plan":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    'plan-file-corrupt',
    /nested too deeply/,
  ],
  [
    'changed by hand',
    text.replace('"serial": 3', '"serial": 4'),
    'plan-file-corrupt',
    /changed after it was written/,
  ],
  [
    'of a later format',
    changed((raw) => {
      raw.formatVersion = '2';
    }, true),
    'plan-version-unsupported',
    /format version 2/,
  ],
  [
    'with a part missing',
    changed((raw) => {
      delete raw.basis;
    }, true),
    'plan-file-corrupt',
    /missing/,
  ],
  [
    'with a request that is not known',
    changed((raw) => {
      raw.request = { colour: 'red' };
    }, true),
    'plan-version-unsupported',
    /colour/,
  ],
  [
    'with a request that means nothing',
    changed((raw) => {
      raw.request = { maxImpact: 'huge' };
    }, true),
    'plan-version-unsupported',
    /maxImpact/,
  ],
];

for (const [what, file, code, why] of refused) {
  test(`${what}: ${code}`, () => {
    assert.throws(
      () => parseSavedPlan(file, 'x.plan'),
      (error: unknown) =>
        error instanceof MeshplanError &&
        error.code === code &&
        error.exitCode === ExitCode.invalid &&
        error.message.includes('x.plan') &&
        why.test(error.message),
    );
  });
}

test('the lower limit on impact holds', () => {
  assert.equal(requestFor({}, undefined), {});
  assert.equal(requestFor({}, 'none'), { maxImpact: 'none' });
  assert.equal(requestFor({ maxImpact: 'new-pods' }, 'mtls-risk'), { maxImpact: 'new-pods' });
  assert.equal(requestFor({ maxImpact: 'mtls-risk' }, 'none'), { maxImpact: 'none' });
});

const secret = (data: object, annotations = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's', namespace: 'shop', annotations },
  data,
});
const holding = (object: ReturnType<typeof secret>): DesiredAction[] => [
  actionOf('one/s', { objects: [{ cluster: 'one', object }] }),
];

test('a declaration is told apart by its objects and by what no object shows', () => {
  const actions = [actionOf('one/a'), actionOf('two/b')];
  const digests = digestDeclaration(mesh, actions);
  assert.equal(differingParts(digests, digestDeclaration(mesh, actions), []), []);
  const other = digestDeclaration({ ...mesh, trust: { ...mesh.trust, domain: 'other' } }, [
    actionOf('one/a', { objects: [{ cluster: 'one', object: configMap('a', { x: '2' }) }] }),
    actionOf('two/c'),
  ]);
  assert.equal(differingParts(digests, other, []), [
    'one/v1/ConfigMap/shop/a',
    'spec.trust',
    'two/v1/ConfigMap/shop/b',
    'two/v1/ConfigMap/shop/c',
  ]);
  assert.equal(differingParts(digests, other, ['two']), ['one/v1/ConfigMap/shop/a', 'spec.trust']);
});

test('where keys lie on this machine is no part of it', () => {
  const root = { ...mesh.trust.root, keyFile: '/home/me/root-key.pem' };
  const elsewhere = { ...mesh, trust: { ...mesh.trust, root } };
  assert.equal(digestDeclaration(elsewhere, []), digestDeclaration(mesh, []));
});

test("a Secret's data leaves no trace in it", () => {
  const one = digestDeclaration(mesh, holding(secret({ x: 'MQ==' })));
  const note = { 'kubectl.kubernetes.io/last-applied-configuration': '{"x":"Mg=="}' };
  assert.equal(digestDeclaration(mesh, holding(secret({ y: 'Mg==' }, note))), one);
});

test.run();
