import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { brief, enterFixtures, load } from './support.js';

/** Fixture to findings, as `LINE:COLUMN CODE` in the mesh file and with the file's name in a manifest. */
const mistakes: Record<string, string[]> = {
  'bad-address': ['9:40 bad-address'],
  'bad-cidr-host-bits': ['9:43 bad-cidr'],
  'bad-cidr': ['9:55 bad-cidr'],
  'bad-cluster-name': ['8:15 bad-value'],
  'bad-duration': ['17:37 bad-value'],
  'bad-enum': ['10:26 bad-value'],
  'bad-kind': ['2:7 bad-value'],
  'bad-network-name': ['10:15 bad-name'],
  'bad-validity': ['10:63 bad-validity', '10:88 bad-validity'],
  bom: ['2:7 bad-value'],
  'ca-files': ['10:39 ca-file-missing'],
  'ca-secret': ['warning 10:34 unused-setting'],
  'control-plane-of-remote': ['warning 8:35 control-plane-of-remote'],
  crlf: ['8:21 unknown-key'],
  'dedicated-primary': ['13:7 dedicated-primary'],
  'derived-values': [
    '7:19 derived-value',
    '9:17 derived-value',
    '9:32 derived-value',
    '9:64 derived-value',
    '10:23 derived-value',
    '11:7 derived-value',
    '16:33 derived-value',
  ],
  'duplicate-addresses': ['8:7 duplicate-address'],
  'duplicate-clusters': ['9:15 duplicate-name'],
  'duplicate-contexts': ['8:30 duplicate-context'],
  'duplicate-hosts': ['16:13 duplicate-name'],
  'duplicate-namespaces': ['12:13 duplicate-name'],
  'empty-subset': ['warning 16:39 empty-subset'],
  'exposure-open': ['warning 7:7 exposure-open'],
  'failover-without-detection': ['17:7 failover-without-detection'],
  fenced: ['7:35 fenced-primary', '8:52 bad-date', '9:51 bad-date', '10:51 bad-value', '11:34 missing-key'],
  'injection-label': ['12:17 derived-value', '14:17 derived-value'],
  'injection-labels': [
    '12:35 unknown-key',
    '13:32 wrong-type',
    'apps/revisions.yaml:7:5 injection-labels',
    'apps/revisions.yaml:11:37 conflicting-declaration',
  ],
  'kiali-cluster': ['10:35 unknown-cluster', '10:52 unknown-namespace'],
  'kiali-several': ['10:17 kiali-ambiguous', '10:37 unknown-namespace'],
  'latin-1': ['not-utf8'],
  'lint-rule': ['warning 16:39 empty-subset', '18:19 bad-name', '20:17 bad-value'],
  'manifest-absolute': ['13:20 manifest-outside'],
  'manifest-glob-empty': ['13:20 manifest-missing'],
  'manifest-link': ['13:20 manifest-outside'],
  'manifest-missing': ['13:20 manifest-missing'],
  'manifest-no-namespace': ['apps/no-namespace.yaml:9:5 namespace-missing'],
  'manifest-no-object': [
    'apps/no-object.yaml:1:1 not-an-object',
    'apps/no-object.yaml:3:3 not-an-object',
    'apps/no-object.yaml:5:1 not-an-object',
    'apps/no-object.yaml:13:9 not-an-object',
  ],
  'manifest-outside': ['13:20 manifest-outside'],
  'manifest-secret-syntax': ['apps/secret-syntax.yaml:5:23 yaml-syntax'],
  'manifest-syntax': ['apps/syntax.yaml:5:1 yaml-syntax'],
  'missing-key': ['5:3 missing-key'],
  'missing-name': ['8:7 missing-key'],
  'name-too-long': ['8:15 bad-value'],
  'namespace-conflict': [
    'apps/namespace.yaml:6:5 conflicting-declaration',
    'apps/namespace.yaml:7:5 conflicting-declaration',
  ],
  'namespace-elsewhere': ['13:7 unknown-namespace'],
  'namespace-undeclared': ['apps/cart.yaml:3:36 unknown-namespace', 'apps/cart.yaml:12:36 unknown-namespace'],
  'network-policy': ['12:32 bad-cidr', '12:59 bad-cidr'],
  'network-missing': ['8:7 network-missing'],
  'no-cluster-selected': [
    '11:30 no-cluster-selected',
    '12:30 no-cluster-selected',
    '13:32 no-cluster-selected',
    '14:31 no-cluster-selected',
    '15:42 unknown-cluster',
    '16:32 unknown-key',
  ],
  'nothing-to-call': ['warning 13:55 nothing-to-call'],
  'object-conflict': ['apps/twice.yaml:11:1 conflicting-declaration'],
  'primary-ambiguous': ['9:7 primary-ambiguous'],
  'primary-is-itself': ['8:44 primary-is-remote'],
  'primary-is-remote': ['9:43 primary-is-remote'],
  'primary-missing': ['7:7 primary-missing', '8:7 primary-missing'],
  'primary-of-primary': ['8:46 primary-not-allowed'],
  'primary-unknown': ['8:44 unknown-primary'],
  'reserved-namespace': ['11:7 reserved-name'],
  'other-spellings': [
    '12:5 unknown-key',
    '15:17 bad-value',
    '16:7 unknown-key',
    '18:65 wrong-type',
    '19:20 manifest-outside',
    '24:20 unknown-key',
    '27:11 unknown-key',
    '29:11 unknown-key',
    '30:25 unknown-key',
    '31:7 unknown-key',
    '32:13 bad-value',
  ],
  'several-findings': [
    '3:19 bad-value',
    '5:29 unknown-key',
    '8:44 unknown-primary',
    '9:29 wrong-type',
    '9:59 bad-cidr',
    '11:20 manifest-missing',
  ],
  'short-host': ['15:13 bad-value'],
  'string-match-twice': ['19:26 bad-value'],
  'top-is-a-list': ['1:1 wrong-type'],
  'traffic-locality': [
    '17:65 same-region',
    '19:7 failover-and-distribute',
    '20:26 distribute-sum',
    '21:19 overlapping-localities',
    '21:45 overlapping-localities',
    'warning 22:43 unknown-region',
  ],
  'traffic-namespace': ['15:13 unknown-namespace'],
  'traffic-policy': [
    'warning 18:28 mtls-off',
    'warning 18:37 unused-setting',
    '19:9 unknown-subset',
    '20:27 local-origin-failures',
    'warning 21:20 mtls-off',
  ],
  'traffic-routes': [
    'warning 18:21 unused-setting',
    'warning 18:95 unused-setting',
    '21:25 unknown-subset',
    'warning 22:23 unknown-host',
    'warning 27:41 fault-before-limits',
    'warning 27:47 fault-before-limits',
    'warning 28:50 per-try-timeout',
    '30:35 retries-off',
  ],
  'traffic-schema': [
    '18:18 bad-value',
    '20:61 bad-value',
    '21:41 bad-value',
    '21:48 missing-key',
    '22:35 bad-value',
    '24:18 bad-value',
    '25:21 bad-value',
    '26:48 bad-value',
    '26:59 bad-value',
    '27:20 bad-value',
    '28:28 bad-value',
  ],
  'unknown-cluster': ['12:23 unknown-cluster'],
  'unknown-host': ['warning 15:13 unknown-host'],
  'unknown-key-nested': ['7:35 unknown-key'],
  'unknown-key': ['5:3 unknown-key'],
  'unknown-network': ['8:44 unknown-network'],
  'unknown-region': ['warning 17:37 unknown-region'],
  'unknown-subset': ['18:26 unknown-subset'],
  'unreachable-route': ['warning 19:11 unreachable-route'],
  'waiver-date': ['19:68 bad-date'],
  'waiver-expired': ['warning 16:39 empty-subset', 'warning 22:18 waiver-expired'],
  'waiver-unused': ['warning 21:9 waiver-unused'],
  'weights-missing': ['18:44 weights'],
  'weights-sum': ['18:38 weights'],
  'wrong-type-empty': ['10:9 wrong-type'],
  'wrong-type-list': ['6:13 wrong-type'],
  'wrong-type-version': ['5:21 wrong-type'],
  'yaml-alias-bomb': ['8:13 yaml-alias'],
  'yaml-alias-loop': ['7:26 yaml-alias'],
  'yaml-duplicate-key': ['8:35 duplicate-key'],
  'yaml-empty': ['1:1 empty-file'],
  'yaml-no-anchor': ['8:27 yaml-alias'],
  'yaml-proto-key': ['8:45 yaml-key'],
  'yaml-syntax': ['9:3 yaml-syntax'],
  'yaml-tab': ['5:1 yaml-syntax'],
  'yaml-two-documents': ['11:1 several-documents'],
  'yaml-unknown-tag': ['8:27 yaml-syntax'],
};

enterFixtures('mistakes');

test('every fixture is in the table', () => {
  const names = readdirSync('.').filter((name) => name.endsWith('.yaml'));
  assert.equal(names.map((name) => name.replace('.yaml', '')).sort(), Object.keys(mistakes).sort());
});

for (const [name, expected] of Object.entries(mistakes)) {
  test(name, async () => {
    const file = `${name}.yaml`;
    const { found } = await load(file);
    assert.equal(
      found.map((finding) => brief(finding).replace(`${file}:`, '').replace(`${file} `, '')),
      expected,
    );
    for (const { message, hint } of found) assert.ok(message && hint, 'a finding has a message and a hint');
  });
}

test('a near miss is answered with the name that was meant', async () => {
  const hints = async (name: string) => (await load(`${name}.yaml`)).found.map(({ hint }) => hint);
  assert.equal(await hints('unknown-key'), ['did you mean `istio`?']);
  assert.equal(await hints('unknown-network'), ['did you mean `network1`?']);
  assert.equal(await hints('bad-enum'), ['did you mean `generated`?']);
  assert.equal(await hints('bad-cidr-host-bits'), ['write 10.0.0.0/8']);
});

test('what Istio spells otherwise, or stands elsewhere, is answered with its name and place here', async () => {
  const { found } = await load('other-spellings.yaml');
  assert.equal(
    found.map(({ hint }) => hint),
    [
      'it belongs to `exposure`',
      'for one write `[edge]`',
      'here it is `manifests`',
      'for example: "all"',
      'copy what it holds into the folder of mesh.yaml',
      'here it is `path`',
      'here it is `to`',
      'it belongs to spec.traffic[0]: mind the indentation',
      'it belongs to `tcp`',
      'its fields stand here themselves: outlierDetection, connectionPool, loadBalancer, tls',
      'for example: "backend.production.svc.cluster.local"',
    ],
  );
});

test('a wrong type says what was expected and what was found', async () => {
  const [finding] = (await load('wrong-type-list.yaml')).found;
  assert.is(finding?.message, 'spec.clusters has to be a list, not the text "hub"');
});

test('no finding quotes the manifest of a Secret', async () => {
  assert.not.match(JSON.stringify((await load('manifest-secret-syntax.yaml')).found), /hunter/);
});

test.run();
