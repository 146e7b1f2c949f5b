import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import type { ProofRequirement } from '../../../src/model/resolved-mesh.js';
import { contentOf } from '../../../src/proof/content.js';
import { type ProofInput, proofFindings } from '../../../src/proof/judge.js';
import type { ProofReport } from '../../../src/proof/report.js';
import { formatReport, parseReport } from '../../../src/proof/report-file.js';
import { DEPLOYMENT, deployment, placeOf, provenOf } from './support.js';

const TIME = '2026-11-20T12:00:00.000Z';

const content: Omit<ProofReport, 'formatVersion' | 'digest'> = {
  mesh: 'shop',
  environment: 'staging',
  time: TIME,
  state: { lineage: 'line-1', serial: 4 },
  versions: { declared: '1.31', istioctl: '1.31.2' },
  clusters: [{ ...placeOf('hub', 'hub'), uid: 'uid-1', kubernetes: 'v1.37.2' }],
  checks: [{ id: 'one-root', cluster: 'hub', status: 'pass', claim: 'one', evidence: 'one' }],
  objects: { hub: { [DEPLOYMENT]: deployment() } },
};

const requirement: ProofRequirement = {
  environment: 'staging',
  report: { path: '/mesh/reports/staging.json', shown: 'reports/staging.json' },
  maxAgeHours: 24,
  except: [],
  source: { file: 'mesh.yaml', line: 9, column: 7 },
};

/** What is said of a report that differs in this from one that proves the declaration. */
function judged(
  report: Partial<typeof content>,
  { requires = {}, ...rest }: Partial<ProofInput> & { requires?: Partial<ProofRequirement> } = {},
) {
  const input: ProofInput = {
    requirement: { ...requirement, ...requires },
    mesh: 'shop',
    declared: provenOf([placeOf('hub', 'hub')], { hub: { [DEPLOYMENT]: deployment() } }),
    uids: new Set(['uid-9']),
    reading: parseReport(formatReport({ ...content, ...report }).text),
    now: new Date('2026-11-21T11:00:00Z'),
    ...rest,
  };
  return proofFindings(input, 'error').map(({ message }) => message);
}

test('a report of the same is no finding', () => assert.equal(judged({}), []));

test('a report says what was proved, and is read again', () => {
  const { text, digest } = formatReport(content);
  const read = parseReport(text);
  assert.equal('report' in read && read.report, { formatVersion: '1', digest, ...content });
});

for (const [what, edit] of [
  ['a value', (text: string) => text.replace('web:v1', 'web:v2')],
  ['a check', (text: string) => text.replace('"pass"', '"skip"')],
  ['the time', (text: string) => text.replace('2026-11-20', '2026-11-21')],
  ['a part that is gone', (text: string) => text.replace(/"checks": \[[\s\S]*?\],/, '')],
] as const) {
  test(`a report that was edited is refused: ${what}`, () => {
    const text = edit(formatReport(content).text);
    assert.match(judged({}, { reading: parseReport(text) }).join(), 'was changed after it was written');
  });
}

test('what is no report is told', () => {
  for (const [text, fault] of [
    ['', 'it is not JSON'],
    ['[]', 'it holds no JSON object'],
    ['{}', 'is no report'],
    ['{"formatVersion":"2","digest":"sha256:1"}', 'has format version 2'],
  ] as const)
    assert.match(judged({}, { reading: parseReport(text) }).join(), fault);
  const forged = formatReport({ ...content, clusters: [{ name: 'hub' }] as never }).text;
  assert.match(judged({}, { reading: parseReport(forged) }).join(), 'a part of it is missing');
});

test('a report of something else is refused, and no more is said', () => {
  assert.equal(judged({ mesh: 'other' }), ['reports/staging.json is of mesh other, and staging is shop']);
  assert.match(judged({ environment: 'lab' }).join(), 'is of environment lab, not of staging');
  const { environment: _, ...unnamed } = content;
  const reading = parseReport(formatReport(unnamed).text);
  assert.match(judged({}, { reading }).join(), 'is of no environment, not of staging');
  assert.match(judged({}, { uids: new Set(['uid-1']) }).join(), 'is of a cluster of this environment');
});

test('a report of another mesh of the same name is told by its lineage', () => {
  const state = { lineage: 'line-2', serial: 1, isUnfinished: false };
  assert.match(judged({}, { state }).join(), 'is of another staging');
  assert.match(judged({}, { requires: { lineage: 'line-2' } }).join(), 'is of another staging');
  assert.equal(judged({}, { requires: { lineage: 'line-1' } }), []);
});

test('a report is stale once it is too old, or staging was changed since', () => {
  assert.match(judged({}, { now: new Date('2026-11-24T12:00:00Z') }).join(), 'it was written 4 days ago');
  assert.match(judged({}, { now: new Date('2026-11-20T11:00:00Z') }).join(), 'which is still to come');
  const state = { lineage: 'line-1', serial: 4, isUnfinished: false };
  assert.equal(judged({}, { state }), []);
  assert.match(judged({}, { state: { ...state, serial: 5 } }).join(), 'staging was changed since (serial 5');
  assert.match(judged({}, { state: { ...state, isUnfinished: true } }).join(), 'was begun since');
});

test('a verification that saw nothing proves nothing', () => {
  const [check] = content.checks;
  assert.ok(check);
  assert.match(judged({ checks: [{ ...check, status: 'skip' }] }).join(), 'has no check that passed in hub');
  assert.match(
    judged({ checks: [check, { ...check, status: 'fail' }] }).join(),
    'has a failed check: one-root',
  );
});

test('each difference is named with both values, the first ten of them, and the way out once', () => {
  const env = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`V${index}`, 'x']));
  const objects = { hub: { [DEPLOYMENT]: deployment({ replicas: 5, env }) } };
  const declared = provenOf([placeOf('hub', 'hub')], objects);
  const reading = parseReport(formatReport(content).text);
  const findings = proofFindings(
    { requirement, mesh: 'shop', declared, uids: new Set(), reading, now: new Date(TIME) },
    'warning',
  );
  const [first, ...rest] = findings;
  assert.is(first?.message, `hub/${DEPLOYMENT} /spec/replicas is 5, and staging proved 1 (in hub)`);
  assert.match(rest[0]?.message ?? '', '/env/0 is {"name":"V0","value":"x"}, and staging has nothing there');
  assert.is(findings.at(-1)?.message, '3 more differences from what staging proved');
  assert.is(findings.length, 11);
  assert.is(findings.filter(({ hint }) => hint !== undefined).length, 1);
  assert.ok(findings.every(({ line, severity }) => line === 9 && severity === 'warning'));
});

const noYaml = (text: string) => ({ read: text });

test('of a Secret the keys stay, and nothing that tells a value', () => {
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 's',
      namespace: 'n',
      labels: { 'meshplan.dev/mesh': 'shop', app: 'web' },
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"c2VjcmV0"}}' },
    },
    type: 'Opaque',
    data: { a: 'c2VjcmV0' },
    stringData: { b: 'secret' },
  } as KubeObject;
  assert.equal(contentOf(secret, noYaml), {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: 's', namespace: 'n', labels: { app: 'web' } },
    data: { a: '(sensitive value)', b: '(sensitive value)' },
  });
});

test('documents in a ConfigMap are taken apart; only of Istio, where a text may be YAML', () => {
  const map = (name: string, data: object, namespace = 'istio-system') =>
    (
      contentOf(
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data },
        noYaml,
      ) as KubeObject
    ).data;
  assert.equal(map('istio', { mesh: 'a: b' }), { mesh: { read: 'a: b' } });
  assert.equal(map('app', { conf: 'a: b # c', json: '{"a":1}' }, 'shop'), {
    conf: 'a: b # c',
    json: { a: 1 },
  });
});

test.run();
