import pc from 'picocolors';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { listProxies, renderProxies } from '../../../src/cli/render/proxies-text.js';
import { createChanges } from '../../../src/cli/watch/changes.js';
import { renderPicture } from '../../../src/cli/watch/picture.js';
import type { ClusterProxies, ProxyStatus } from '../../../src/model/proxies.js';
import type { Check, VerifyReport } from '../../../src/model/verify.js';

const plain = pc.createColors(false);

function row(cluster: string, counts: Partial<ClusterProxies['counts']> = {}, more = {}): ClusterProxies {
  const all = { connected: 12, synced: 12, stale: 0, notSent: 0, rejected: 0, ...counts };
  const known = { counts: all, versions: { '1.31.2': all.connected }, proxies: [] };
  return { cluster, primary: 'hub', istiodVersions: ['1.31.2'], ...known, ...more };
}
const lost = (cluster: string): ClusterProxies => ({
  cluster,
  primary: 'hub',
  istiodVersions: [],
  unknown: 'hub cannot be reached',
});
const stale: ProxyStatus = {
  name: 'web-1.shop',
  kind: 'router',
  version: '1.31.2',
  istiod: 'istiod-a',
  status: 'stale',
  types: ['CDS', 'LDS'].map((type) => ({ type, status: 'stale', since: '2026-11-25T13:41:22.5Z' })),
};

test('the table: every count, or only those that count something, or a line for each cluster', () => {
  const old = { cluster: 'old', primary: 'hub', istiodVersions: [], fenced: '2026-11-25T13:40:12Z' };
  const rows = [row('edge', { synced: 11, stale: 1 }), lost('far'), old];
  assert.equal(renderProxies(rows, plain, 120), [
    'CLUSTER  ISTIOD        PROXIES  SYNCED  STALE  NOT SENT  REJECTED  VERSIONS',
    'edge     hub (1.31.2)  12       11      1      0         0         1.31.2',
    'far      hub           hub cannot be reached',
    'old      fenced        since 2026-11-25T13:40:12Z',
  ]);
  assert.equal(renderProxies(rows, plain, 60), [
    'CLUSTER  ISTIOD        PROXIES  SYNCED  STALE  VERSIONS',
    'edge     hub (1.31.2)  12       11      1      1.31.2',
    'far      hub           hub cannot be reached',
    'old      fenced        since 2026-11-25T13:40:12Z',
  ]);
  assert.equal(renderProxies(rows, plain, 40), [
    'edge: istiod of hub (1.31.2); 12 proxies, 11 synced, 1 stale; 1.31.2',
    'far: istiod of hub; hub cannot be reached',
    'old: fenced since 2026-11-25T13:40:12Z',
  ]);
  assert.equal(renderProxies([], plain, 80), []);
});

test('versions are counted where they differ', () => {
  const mixed = row('edge', {}, { versions: { '1.30.4': 1, '1.31.2': 11 } });
  assert.match(renderProxies([mixed], plain, 120)[1] ?? '', /0 {9}1\.31\.2 ×11, 1\.30\.4 ×1$/);
});

test('proxies by name: those that are not synced, or all', () => {
  const well: ProxyStatus = { ...stale, name: 'api-1.shop', kind: 'sidecar', status: 'synced', types: [] };
  const rows = [row('edge', {}, { proxies: [stale, well] })];
  assert.equal(listProxies(rows, false), [
    'edge  web-1.shop (gateway)  stale  CDS, LDS since 2026-11-25T13:41:22Z',
  ]);
  assert.is(listProxies(rows, true)[1], 'edge  api-1.shop  synced  1.31.2  istiod-a');
});

const check = (status: Check['status'], evidence = 'seen', id = 'cluster-reachable'): Check => ({
  id,
  cluster: 'edge',
  status,
  claim: 'edge answers',
  evidence,
});
const report = (checks: Check[], proxies: ClusterProxies[] = []): VerifyReport => ({
  ok: checks.every(({ status }) => status !== 'fail'),
  checks,
  proxies,
});

const steps: [title: string, before: VerifyReport, after: VerifyReport, lines: string[]][] = [
  ['the same', report([check('pass')], [row('edge')]), report([check('pass', 'else')], [row('edge')]), []],
  [
    'a cluster goes away',
    report([check('pass')]),
    report([check('fail', 'edge: refused')]),
    ['edge: cluster-reachable FAIL (was pass): refused'],
  ],
  [
    'it fails otherwise',
    report([check('fail', 'a')]),
    report([check('fail', 'b')]),
    ['edge: cluster-reachable FAIL: b'],
  ],
  [
    'one of two of a kind fails, and goes on to',
    report([
      check('fail', 'closed', 'exposure-tls'),
      { ...check('pass', 'open', 'exposure-tls'), claim: 'too' },
    ]),
    report([
      check('fail', 'closed', 'exposure-tls'),
      { ...check('pass', 'open', 'exposure-tls'), claim: 'too' },
    ]),
    [],
  ],
  ['what depends on it is skipped', report([check('pass')]), report([check('skip', 'edge is away')]), []],
  [
    'a proxy falls behind',
    report([], [row('edge')]),
    report([], [row('edge', { synced: 11, stale: 1 })]),
    ['edge: 12 proxies, 11 synced (was 12), 1 stale (was 0)'],
  ],
  [
    'a proxy goes',
    report([], [row('edge')]),
    report([], [row('edge', { connected: 1, synced: 1 })]),
    ['edge: 1 proxy (was 12), 1 synced (was 12)'],
  ],
  [
    'istiod cannot be asked',
    report([], [row('edge')]),
    report([], [lost('edge')]),
    ['edge: proxies not known (were 12): hub cannot be reached'],
  ],
  [
    'it can again',
    report([], [lost('edge')]),
    report([], [row('edge', { synced: 10, rejected: 2 })]),
    ['edge: 12 proxies, 10 synced, 2 rejected (was not known)'],
  ],
  [
    'istiod and a proxy are of a new version',
    report([], [row('edge')]),
    report([], [row('edge', {}, { versions: { '1.31.2': 11, '1.32.0': 1 }, istiodVersions: ['1.32.0'] })]),
    [
      'edge: proxies of Istio 1.31.2 ×11, 1.32.0 ×1 (was 1.31.2)',
      'edge: istiod of hub is 1.32.0 (was 1.31.2)',
    ],
  ],
];
for (const [title, before, after, lines] of steps) {
  test(`what changed: ${title}`, () => {
    const changesOf = createChanges();
    assert.equal(changesOf(before), []);
    assert.equal(changesOf(after), lines);
  });
}

test('what was told before a check was skipped is what it is compared with', () => {
  const changesOf = createChanges();
  for (const status of ['pass', 'skip'] as const) assert.equal(changesOf(report([check(status)])), []);
  assert.equal(changesOf(report([check('warn', 'late')])), ['edge: cluster-reachable WARN (was pass): late']);
});

test('the picture fits any terminal, and begins with what is most needed', () => {
  const names = Array.from({ length: 40 }, (_, index) => `cluster-${index}`);
  const many = names.map((name) => row(name, { synced: 11, stale: 1 }, { proxies: [stale] }));
  const failing = { ...check('fail', `${'word '.repeat(60)}${'x'.repeat(300)}`), hint: 'mend it' };
  const now = report([failing, check('pass', 'seen', 'istiod-ready')], many);
  const last = { report: now, at: new Date(2026, 10, 25, 13, 42, 7), isWhole: false };
  const whole = { report: report([check('fail', 'no', 'injection')]), at: new Date(2026, 10, 25, 13, 40, 2) };
  const changes = names.map((name) => `13:41:00 ${name}: changed`);
  for (const [columns, rows] of [
    [80, 24],
    [60, 12],
    [200, 60],
    [30, 8],
  ] as const) {
    const shown = { title: 'mesh shop, every 5 s', last, whole, changes, verbose: false };
    const lines = renderPicture(shown, { colors: plain, columns, rows }).split('\n');
    assert.ok(lines.length < rows, `${lines.length} lines of ${rows}`);
    for (const line of lines) assert.ok(line.length < columns, `${columns}: ${line}`);
    assert.match(lines[0] ?? '', /^mesh shop.* 13:42:07$/);
    assert.match(lines.join(' '), /1 of 2 checks fails/);
    if (rows > 8 && rows < 42) assert.match(lines.join(' '), /… \d+ more clusters/);
    if (rows < 24) continue;
    assert.match(lines.join('\n'), '✗ edge: edge answers');
    assert.match(
      lines.join('\n').replaceAll('\n', ' '),
      /made at 13:40:02; of those not made now injection of edge failed/,
    );
  }
});

test('clusters without room are counted, of however many lines each is', () => {
  const whole = {
    report: report(
      [check('pass')],
      ['north', 'south', 'west'].map((name) => row(name)),
    ),
    at: new Date(),
  };
  const shown = { title: 'mesh', last: { ...whole, isWhole: true }, whole, changes: [], verbose: false };
  const lines = renderPicture(shown, { colors: plain, columns: 40, rows: 10 }).split('\n');
  const told = lines.filter((line) => /^(north|south|west): /.test(line)).length;
  assert.ok(lines.includes(`… ${3 - told} more clusters`), lines.join('\n'));
});

test('the last changes take the room that is left', () => {
  const last = { report: report([check('pass')], [row('edge')]), at: new Date(), isWhole: true };
  const changes = Array.from({ length: 50 }, (_, index) => `change ${index}`);
  const shown = { title: 'mesh shop', last, whole: last, changes, verbose: false };
  const lines = renderPicture(shown, { colors: plain, columns: 80, rows: 20 }).split('\n');
  assert.is(lines.length, 19);
  assert.is(lines.at(-1), 'change 49');
});

test.run();
