import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { settleTrust, type TrustPort } from '../../../src/facts/trust.js';
import type { Cacerts, Facts } from '../../../src/model/facts.js';
import type { Unread } from '../../../src/model/kube.js';
import type { ResolvedTrust } from '../../../src/model/resolved-mesh.js';
import { clusterOf, meshOf, noFacts, reachable } from '../compile/support.js';

/** Certificates as words: the fingerprint of root `A` is `fp-A`; an intermediate is sound unless it says `bad`. */
function port(local?: { root: string; key: boolean }): TrustPort {
  return {
    localRoot: async () => (local ? { certPem: local.root, keyAvailable: local.key } : undefined),
    fingerprint: (pem) => {
      if (pem === 'garbage') throw new Error('no certificate');
      return `fp-${pem}`;
    },
    check: (cacerts) => {
      const ok = cacerts['ca-cert.pem'] === 'good';
      return { ok, problems: ok ? [] : [{ code: 'expired', message: 'it has expired' }] };
    },
  };
}

const live = (root: string, certificate = 'good'): Cacerts => ({
  'ca-cert.pem': certificate,
  'ca-key.pem': 'key',
  'root-cert.pem': root,
  'cert-chain.pem': 'chain',
});

interface Case {
  local?: { root: string; key: boolean };
  one?: Partial<Cacerts>;
  two?: Partial<Cacerts>;
  trust?: Partial<ResolvedTrust>;
  /** Clusters that cannot be read. */
  unreachable?: string[];
  /** Clusters whose Secrets may not be read. */
  forbidden?: string[];
}

const secretsOf = (cluster: string): Unread => ({
  cluster,
  apiVersion: 'v1',
  kind: 'Secret',
  reason: 'forbidden',
  message: 'no',
});

const plain = meshOf([clusterOf('one', 'one'), clusterOf('two', 'one')]);

async function settle({ local, one, two, trust, unreachable = [], forbidden = [] }: Case) {
  const facts: Facts = noFacts();
  for (const name of ['one', 'two'])
    facts.clusters[name] = unreachable.includes(name)
      ? { reachable: false, server: `https://${name}`, error: 'refused' }
      : { ...reachable(name), unread: forbidden.includes(name) ? [secretsOf(name)] : [] };
  const mesh = { ...plain, trust: { ...plain.trust, ...trust } };
  const found = new Map([['one', one] as const, ['two', two] as const]);
  const settled = await settleTrust(mesh, facts, found, port(local));
  return {
    root: settled.facts.root
      ? `${settled.facts.root.fingerprint}${settled.facts.root.keyAvailable ? ' with key' : ''}`
      : '',
    kept: Object.keys(settled.facts.cacerts).join(' '),
    found: settled.diagnostics.map(
      (item) => `${item.severity} ${item.code} ${/cluster (\w+)/.exec(item.message)?.[1]}`,
    ),
    undecided: settled.facts.rootUndecided ?? false,
    diagnostics: settled.diagnostics,
  };
}

const here = { root: 'A', key: true };
const withoutKey = { root: 'A', key: false };

const test = suite('which root, which intermediates');

const table: [title: string, given: Case, root: string, kept: string, found: string[]][] = [
  ['nothing anywhere: a new root may be made', {}, '', '', []],
  ['a root here, nothing there', { local: here }, 'fp-A with key', '', []],
  ['all sound', { local: here, one: live('A'), two: live('A') }, 'fp-A with key', 'one two', []],
  [
    'one near its end, the key is here: made anew',
    { local: here, one: live('A', 'old'), two: live('A') },
    'fp-A with key',
    'two',
    [],
  ],
  [
    'the key is gone and nothing is needed',
    { local: withoutKey, one: live('A'), two: live('A') },
    'fp-A',
    'one two',
    [],
  ],
  [
    'the key is gone, a remote is new',
    { local: withoutKey, one: live('A') },
    'fp-A',
    'one',
    ['error ca-key-missing two'],
  ],
  [
    'the key is gone, one is near its end',
    { local: withoutKey, one: live('A', 'old'), two: live('A') },
    'fp-A',
    'two',
    ['error ca-key-missing one'],
  ],
  [
    'the folder is gone: the live root is the root',
    { one: live('A'), two: live('A') },
    'fp-A',
    'one two',
    [],
  ],
  ['the folder is gone, a remote is new', { one: live('A') }, 'fp-A', 'one', ['error ca-key-missing two']],
  [
    'the folder is gone, only the remote is left',
    { two: live('A') },
    'fp-A',
    'two',
    ['error ca-key-missing one'],
  ],
  [
    'two live roots: the primary’s is the root',
    { one: live('A'), two: live('B') },
    'fp-A',
    'one two',
    ['error root-mismatch two'],
  ],
  [
    'a new root here, an old one live: nothing is replaced',
    { local: here, one: live('B'), two: live('B') },
    'fp-A with key',
    'one two',
    ['error root-mismatch one', 'error root-mismatch two'],
  ],
  [
    'another root and near its end: still not replaced',
    { local: here, one: live('B', 'old'), two: live('A') },
    'fp-A with key',
    'one two',
    ['error root-mismatch one'],
  ],
  [
    'a live Secret that cannot be read as a root',
    { local: here, one: live('garbage', 'bad'), two: live('A') },
    'fp-A with key',
    'two',
    [],
  ],
  [
    'a live Secret that cannot be read, and no root here: nothing is made over it',
    { one: live('garbage', 'bad') },
    '',
    'one',
    ['error cacerts-unreadable one'],
  ],
  [
    'a live Secret without a root',
    { local: here, one: { 'ca-cert.pem': 'bad' }, two: live('A') },
    'fp-A with key',
    'two',
    [],
  ],
  [
    'no keys in remotes: a remote needs none',
    { local: withoutKey, one: live('A'), trust: { remoteKeys: false } },
    'fp-A',
    'one',
    [],
  ],
  [
    'a cluster that cannot be read is not said to lack anything',
    { local: withoutKey, one: live('A'), unreachable: ['two'] },
    'fp-A',
    'one',
    [],
  ],
  [
    'Secrets of the other may not be read: no intermediate is missed there',
    { local: withoutKey, one: live('A'), forbidden: ['two'] },
    'fp-A',
    'one',
    [],
  ],
  [
    'files of the user, and a live CA of theirs',
    { local: withoutKey, one: live('A'), two: live('A'), trust: { source: 'files' } },
    'fp-A',
    'one two',
    [],
  ],
  [
    'Secrets of the user, both there',
    { one: live('A'), two: live('B'), trust: { source: 'secret' } },
    '',
    '',
    [],
  ],
  [
    'Secrets of the user, one missing',
    { one: live('A'), trust: { source: 'secret' } },
    '',
    '',
    ['error cacerts-missing two'],
  ],
  [
    'Secrets of the user, the remote needs none',
    { one: live('A'), trust: { source: 'secret', remoteKeys: false } },
    '',
    '',
    [],
  ],
  [
    'Secrets of the user, one cluster not read',
    { one: live('A'), unreachable: ['two'], trust: { source: 'secret' } },
    '',
    '',
    [],
  ],
];
for (const [title, given, root, kept, found] of table) {
  test(title, async () => {
    const settled = await settle(given);
    assert.equal({ root: settled.root, kept: settled.kept, found: settled.found }, { root, kept, found });
  });
}

const undecided: [title: string, given: Case, undecided: boolean][] = [
  ['the primary cannot be read', { unreachable: ['one'] }, true],
  ['a remote that may hold it cannot be read', { unreachable: ['two'] }, true],
  ['a remote that holds none cannot be read', { unreachable: ['two'], trust: { remoteKeys: false } }, false],
  ['Secrets of the primary may not be read', { forbidden: ['one'] }, true],
  ['all are read and hold none', {}, false],
  ['the root is here', { local: here, unreachable: ['one'] }, false],
  ['another cluster tells the root', { two: live('A'), unreachable: ['one'] }, false],
];
for (const [title, given, expected] of undecided) {
  test(`${title}: a new root ${expected ? 'might be a second one' : 'is no question'}`, async () => {
    assert.is((await settle(given)).undecided, expected);
  });
}

test('every finding has a place in mesh.yaml and a way out', async () => {
  const cases: Case[] = [
    { local: withoutKey, one: live('A') },
    { one: live('A'), two: live('B') },
    { one: live('A'), trust: { source: 'secret' } },
  ];
  for (const given of cases) {
    for (const item of (await settle(given)).diagnostics) {
      assert.ok(item.hint, item.code);
      assert.equal([item.file, item.line, item.column], ['mesh.yaml', 1, 1]);
    }
  }
});

test('beside a fenced cluster, which may have the root, none is made', async () => {
  const fencedAt = { file: 'mesh.yaml', line: 1, column: 1 };
  const fenced = [{ ...clusterOf('gone', 'one'), since: '2026-01-01T00:00:00Z', fencedAt }];
  const facts = { ...noFacts(), clusters: { one: reachable('one'), two: reachable('two') } };
  const settled = await settleTrust({ ...plain, fenced }, facts, new Map(), port());
  assert.is(settled.facts.rootUndecided, true);
  assert.equal(
    settled.diagnostics.map(({ code, severity }) => `${severity} ${code}`),
    ['error ca-key-missing'],
  );
  const environment = { name: 'production', others: [] };
  const [lost] = (await settleTrust({ ...plain, fenced, environment }, facts, new Map(), port())).diagnostics;
  assert.match(lost?.hint ?? '', `.meshplan/ca/${plain.name}/production/`);
  const known = await settleTrust({ ...plain, fenced }, facts, new Map([['two', live('A')]]), port(here));
  assert.is(known.facts.rootUndecided, undefined);
  assert.equal(known.diagnostics, []);
});

test.run();
