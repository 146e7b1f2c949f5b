import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { driftToJson } from '../../../src/cli/render/drift-json.js';
import { renderDrift } from '../../../src/cli/render/drift-text.js';
import { driftToJunit } from '../../../src/cli/render/junit.js';
import { driftToMarkdown, planToMarkdown } from '../../../src/cli/render/markdown.js';
import { driftToSarif } from '../../../src/cli/render/sarif.js';
import { DRIFT_RULES, type DriftReport } from '../../../src/model/drift.js';
import { action, object, plain, planWith } from './support.js';

const test = suite('forms of drift');

const place = (line: number, file = '/srv/mesh/mesh.yaml') => ({ file, line, column: 5 });
const changed = object('a', { change: 'update', patch: [{ op: 'replace', path: '/data/x', value: 'ours' }] });
const waiting = action('one/b', {
  change: 'update',
  source: place(9),
  objects: [object('b', { change: 'update', patch: [{ op: 'add', path: '/data/y', value: 1 }] })],
});
const plan = planWith(
  [action('one/a', { change: 'update', source: place(4), objects: [changed] }), waiting, action('one/root')],
  {
    complete: false,
    drift: [
      {
        address: 'one/v1/ConfigMap/shop/a',
        lens: 'declared',
        rule: 'changed',
        patch: changed.patch,
        before: { '/data/x': '</script>|`theirs`' },
        by: 'kubectl-edit',
        at: '2026-01-01T00:00:00Z',
        source: place(4),
      },
      { address: 'one/v1/ConfigMap/shop/gone', lens: 'declared', rule: 'deleted', patch: [] },
      {
        address: 'one/v1/ConfigMap/shop/a',
        lens: 'added',
        rule: 'added',
        patch: [{ op: 'remove', path: '/metadata/labels/team' }],
        before: { '/metadata/labels/team': '```' },
        by: 'helm',
      },
      {
        address: 'one/v1/Secret/istio-system/x',
        lens: 'meaning',
        rule: 'not-synced',
        patch: [],
        message: 'istiod has not read two',
        source: place(2, '/elsewhere/mesh.yaml'),
      },
    ],
    diagnostics: [{ severity: 'warning', code: 'drift-unread', message: 'a <b> [c](d)', hint: 'do it' }],
  },
);
const report: DriftReport = {
  plan,
  pending: [
    {
      action: waiting,
      address: 'one/v1/ConfigMap/shop/b',
      change: 'update',
      reason: 'declaration-changed',
      fields: ['/data/y'],
    },
  ],
  ignored: [
    { rule: { address: 'two/**', source: place(12) }, count: 0 },
    { rule: { address: 'one/**', reason: 'meant', source: place(13) }, count: 3 },
  ],
};

test('text: what, who and when by each lens, then what is pending, and what was ignored', () => {
  assert.equal(renderDrift(report, { colors: plain, verbose: false }).split('\n'), [
    'Changed outside meshplan (declared -> live):',
    '    one/v1/ConfigMap/shop/a',
    '        ~ /data/x = "ours" -> "</script>|`theirs`"',
    '        by kubectl-edit at 2026-01-01T00:00:00Z',
    '    one/v1/ConfigMap/shop/gone',
    '        - deleted; a cluster keeps no record of who deleted an object',
    '',
    'Added by others (nothing takes it back):',
    '    one/v1/ConfigMap/shop/a',
    '        + /metadata/labels/team = "```"',
    '        by helm',
    '',
    'What no declared field shows:',
    '    one/v1/Secret/istio-system/x',
    '        istiod has not read two',
    '',
    'Declared, and not applied (meshplan plan shows it):',
    '    ~ one/b  purpose of one/b (1 object)',
    '',
    'note: the rule at /srv/mesh/mesh.yaml:12 of spec.drift.ignore fits nothing',
    'Ignored by spec.drift.ignore: 3 differences.',
    'Drift: 2 changed, 1 added by others, 1 finding, 1 declared and not applied.',
  ]);
});

test('text of nothing says so, and nothing more where something was not read', () => {
  const none = { plan: planWith([]), pending: [], ignored: [] };
  assert.is(renderDrift(none, { colors: plain, verbose: false }), 'No drift. The clusters match mesh1.');
  const partial = { ...none, plan: planWith([], { complete: false }) };
  assert.is(renderDrift(partial, { colors: plain, verbose: false }), 'No drift in what could be read.');
});

test('text of many fields is cut, but with --verbose', () => {
  const patch = Array.from({ length: 20 }, (_, index) => ({ op: 'remove' as const, path: `/data/${index}` }));
  const entry = { address: 'one/a', lens: 'declared' as const, rule: 'changed' as const, patch };
  const many = { plan: planWith([], { drift: [entry] }), pending: [], ignored: [] };
  const lines = (verbose: boolean) =>
    renderDrift(many, { colors: plain, verbose })
      .split('\n')
      .filter((line) => line.startsWith('        '));
  assert.is(lines(true).length, 20);
  assert.is(lines(false).length, 13);
  assert.is(lines(false).at(-1), '        … and 8 more fields (--verbose)');
});

test('JSON: the plan with all entries, and each rule with its count', () => {
  const json = JSON.parse(JSON.stringify(driftToJson(report))) as Record<string, unknown[]>;
  assert.is(json.drift?.length, 4);
  assert.equal(json.ignored, [
    { address: 'two/**', count: 0 },
    { address: 'one/**', reason: 'meant', count: 3 },
  ]);
});

interface SarifResult {
  ruleId: string;
  ruleIndex: number;
  level: string;
  message: { text: string };
  locations: {
    physicalLocation: {
      artifactLocation: { uri: string; uriBaseId?: string };
      region: { startLine: number; startColumn: number };
    };
  }[];
  partialFingerprints: Record<string, string>;
}

test('SARIF 2.1.0: a result for each difference at the line of mesh.yaml, with a rule of the driver', () => {
  const log = JSON.parse(driftToSarif(report, '/srv', 'mesh/mesh.yaml')) as {
    $schema: string;
    version: string;
    runs: {
      tool: { driver: { name: string; rules: { id: string; shortDescription: { text: string } }[] } };
      invocations: { executionSuccessful: boolean; toolExecutionNotifications: unknown[] }[];
      results: SarifResult[];
    }[];
  };
  assert.is(log.version, '2.1.0');
  assert.is(log.runs.length, 1);
  const [run] = log.runs;
  const rules = run?.tool.driver.rules ?? [];
  assert.is(run?.tool.driver.name, 'meshplan');
  assert.equal(
    rules.map(({ id }) => id),
    [...DRIFT_RULES, 'pending'].map((rule) => `drift/${rule}`),
  );
  for (const result of run?.results ?? []) {
    assert.is(rules[result.ruleIndex]?.id, result.ruleId);
    assert.ok(['note', 'warning', 'error'].includes(result.level));
    assert.ok(result.message.text.length > 0);
    assert.is(result.locations.length, 1);
    assert.ok((result.locations[0]?.physicalLocation.region.startLine ?? 0) >= 1);
  }
  const places = run?.results.map(({ locations: [at], level }) => {
    const { artifactLocation, region } = at?.physicalLocation ?? {};
    return `${artifactLocation?.uri}:${region?.startLine} ${level}`;
  });
  assert.equal(places, [
    'mesh/mesh.yaml:4 warning',
    'mesh/mesh.yaml:1 warning',
    'mesh/mesh.yaml:1 note',
    'file:///elsewhere/mesh.yaml:2 error',
    'mesh/mesh.yaml:9 note',
  ]);
  assert.is(new Set(run?.results.map((item) => Object.values(item.partialFingerprints)[0])).size, 5);
  assert.is(run?.invocations[0]?.executionSuccessful, false);
  assert.is(run?.invocations[0]?.toolExecutionNotifications.length, 1);
});

test('JUnit: a case for each object, failed with what differs', () => {
  const xml = driftToJunit(report);
  assert.match(xml, /<testsuites name="meshplan drift mesh1" tests="5" failures="4"/);
  assert.match(xml, '<testcase classname="one/a" name="one/v1/ConfigMap/shop/a">');
  assert.match(xml, '<failure message="changed by kubectl-edit at 2026-01-01T00:00:00Z" type="drift">');
  assert.match(xml, '<testcase classname="drift" name="one/v1/Secret/istio-system/x">');
  assert.match(xml, '<![CDATA[changed by kubectl-edit');
});

test('Markdown: nothing of a cluster is markup, and no fence ends inside', () => {
  const text = driftToMarkdown(report);
  assert.match(text, '| `one/v1/ConfigMap/shop/a` | declared | changed | `kubectl-edit` |');
  assert.match(text, '````diff\n+ /metadata/labels/team = "```"\n````');
  assert.match(text, '! /data/x = "ours" -> ');
  assert.match(text, 'a &lt;b&gt; \\[c\\]\\(d\\) (do it)');
  assert.match(text, '- `one/v1/ConfigMap/shop/b` update');
});

test('Markdown of a plan: table, folded details, findings; cut before GitHub would refuse it', () => {
  const text = planToMarkdown(plan);
  assert.match(text, '| `one/b` | update | absent | none | 1 |');
  assert.match(text, '<details><summary>one/b: purpose of one/b</summary>');
  assert.match(text, '- **warning** drift-unread');
  const many = Array.from({ length: 400 }, (_, index) =>
    action(`one/${index}`, { objects: [object('x'.repeat(200))] }),
  );
  const long = planToMarkdown(planWith(many));
  assert.ok(long.length < 90_000);
  assert.match(long, /The details of \d+ more do not fit in here\./);
});

test.run();
