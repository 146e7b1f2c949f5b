import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Plan, PlannedAction } from '../../../src/model/plan.js';
import type { Promotion } from '../../../src/model/promotion.js';
import type { ResolvedCluster, ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import {
  changesParts,
  editsFor,
  fenceMoment,
  notAsMeant,
  otherRemotes,
  primaryToReplace,
  promotionFindings,
  unreadParts,
} from '../../../src/plan/promotion.js';
import { trafficNotes } from '../../../src/plan/promotion-traffic.js';
import { clusterOf, meshOf } from '../compile/support.js';

const test = suite('a promotion');

const place = { file: 'mesh.yaml', line: 1, column: 1 };
const fenced = (cluster: ResolvedCluster, since = '2026-01-01T00:00:00Z') => ({
  ...cluster,
  since,
  fencedAt: place,
});

const mesh: ResolvedMesh = {
  ...meshOf([
    clusterOf('one', 'one'),
    clusterOf('two', 'one'),
    clusterOf('three', 'one'),
    clusterOf('other', 'other'),
    clusterOf('far', 'other'),
  ]),
  fenced: [fenced(clusterOf('gone', 'one'))],
};

const codeOf = (name: string): string => {
  try {
    return primaryToReplace(mesh, name).name;
  } catch (error) {
    const { code, hint } = error as { code: string; hint: string };
    return `${code}: ${hint}`;
  }
};

test('comes in the place of the primary of the cluster', () => {
  assert.is(codeOf('two'), 'one');
  assert.is(codeOf('far'), 'other');
});

test('is refused for what is no remote that takes part', () => {
  assert.match(codeOf('twoo'), /^promote-unknown: did you mean `two`/);
  assert.match(codeOf('on'), /^promote-unknown: known here: two/, 'a primary is not offered');
  assert.match(codeOf('one'), /^promote-primary: .*meshplan apply.*meshplan promote two/);
  assert.match(codeOf('gone'), /^promote-fenced: Take `fenced` out/);
});

test('a fence begins by the clock that is furthest behind, but for one that is wrong', () => {
  const now = Date.parse('2026-01-01T12:00:00.700Z');
  const moment = (...seconds: number[]) =>
    fenceMoment(
      now,
      seconds.map((second) => now + second * 1000),
    );
  assert.is(moment(), '2026-01-01T12:00:00Z');
  assert.is(moment(30), '2026-01-01T12:00:00Z');
  assert.is(moment(-20, 5, -40), '2026-01-01T11:59:20Z');
  assert.is(moment(-20, -3600), '2026-01-01T11:59:40Z');
});

const failover: Promotion = {
  cluster: 'two',
  from: 'one',
  way: 'failover',
  because: 'it does not answer',
  since: '2026-02-02T00:00:00Z',
  moves: ['three', 'gone'],
};
const { since: _, ...rest } = failover;
const switchover: Promotion = { ...rest, way: 'switchover' };

test('takes all remotes of the old primary along, fenced ones too', () => {
  assert.equal(otherRemotes(mesh, 'one', 'two'), ['three', 'gone']);
});

test('edits the roles, the primaries that are named, and the fence', () => {
  assert.equal(
    editsFor(failover, (name) => name === 'three'),
    [
      {
        cluster: 'one',
        fields: { role: 'remote', primary: 'two', fenced: { since: '2026-02-02T00:00:00Z' } },
      },
      { cluster: 'two', fields: { role: 'primary', primary: null } },
      { cluster: 'three', fields: { primary: 'two' } },
    ],
  );
  assert.equal(editsFor(switchover, () => true)[0]?.fields, { role: 'remote', primary: 'two' });
});

const after: ResolvedMesh = {
  ...meshOf([
    clusterOf('two', 'two'),
    clusterOf('three', 'two'),
    clusterOf('other', 'other'),
    clusterOf('far', 'other'),
  ]),
  fenced: [fenced(clusterOf('one', 'two'), '2026-02-02T00:00:00Z'), fenced(clusterOf('gone', 'two'))],
};

test('is compared with what the edited file says', () => {
  assert.equal(notAsMeant(mesh, after, failover), []);
  assert.equal(notAsMeant(mesh, mesh, failover).sort(), ['gone', 'one', 'three', 'two']);
  const without = { ...after, fenced: [fenced(clusterOf('gone', 'two'))] };
  assert.equal(notAsMeant(mesh, without, failover), ['one']);
  const otherTime = {
    ...after,
    fenced: after.fenced.map((item) => ({ ...item, since: '2026-03-03T00:00:00Z' })),
  };
  assert.equal(notAsMeant(mesh, otherTime, failover).sort(), ['gone', 'one']);
});

test('is seen in another environment by a role, a primary or a fence that changes there', () => {
  assert.not(changesParts(mesh, { ...mesh }));
  assert.ok(changesParts(mesh, after));
  assert.ok(changesParts(after, { ...after, fenced: [] }));
});

test('is none where one of the two shows nothing of what is in it', () => {
  const plan = (reachable: boolean) => ({
    clusters: [{ name: 'one', uid: '', server: 'https://one', version: '', reachable }],
  });
  const [found] = unreadParts(switchover, plan(false));
  assert.is(found?.code, 'promote-unread');
  assert.is(found?.severity, 'error');
  assert.equal(unreadParts(switchover, plan(true)), []);
  assert.equal(unreadParts(failover, plan(false)), []);
  const { clusters } = plan(false);
  const both = { clusters: [...clusters, ...clusters.map((one) => ({ ...one, name: 'two' }))] };
  assert.match(unreadParts(failover, both)[0]?.message ?? '', 'two answers, but cannot be read');
  assert.is(unreadParts(switchover, both).length, 2);
});

const namespace = (name: string, clusters: string[]) => ({
  name,
  clusters,
  injection: true,
  labels: {},
  annotations: {},
  source: place,
});

test('tells what is chosen by role and moves with it, and nothing of what the fence takes away', () => {
  const before = {
    ...mesh,
    namespaces: [namespace('all', ['one', 'two']), namespace('remotes', ['two', 'three'])],
  };
  const then = { ...after, namespaces: [namespace('all', ['two']), namespace('remotes', ['three'])] };
  const found = promotionFindings(before, then, failover);
  assert.equal(
    found.map(({ code, message }) => [code, message]),
    [
      [
        'promotion-moves',
        'the promotion moves namespace remotes away from two: clusters are chosen by their role',
      ],
    ],
  );
});

test('tells of an address that leads to the old primary', () => {
  const exposed = (item: ResolvedMesh): ResolvedMesh => ({
    ...item,
    clusters: item.clusters.map((cluster) => ({
      ...cluster,
      controlPlane: {
        ...cluster.controlPlane,
        exposure: { ...cluster.controlPlane.exposure, address: 'istiod.example.com' },
      },
    })),
  });
  assert.equal(
    promotionFindings(exposed(mesh), exposed(after), failover).map(({ code }) => code),
    ['promotion-address'],
  );
  assert.equal(promotionFindings(exposed(mesh), after, failover), []);
});

const planned = (id: string, fields: Partial<PlannedAction>): PlannedAction =>
  ({ id, change: 'update', impact: 'none', kind: 'data-plane', ...fields }) as PlannedAction;

test('says what traffic feels: before, by the steps of the plan that are felt, and after', () => {
  const plan = {
    actions: [
      planned('two/exposure', {}),
      planned('two/control-plane', { impact: 'proxies-reconnect' }),
      planned('three/data-plane', { impact: 'proxies-reconnect', change: 'noop' }),
      planned('two/removal', { impact: 'mtls-risk', kind: 'removal' }),
    ],
  } as Plan;
  const notes = trafficNotes(failover, plan);
  assert.equal(
    notes.filter(({ when }) => when === 'during').map(({ action }) => action),
    ['two/control-plane', 'two/removal'],
  );
  assert.match(
    notes[0]?.text ?? '',
    'since one is away, requests between living pods of two, three, gone go on',
  );
  assert.match(notes.at(-1)?.text ?? '', 'pods of one that live on');
  const planless = trafficNotes(switchover, { ...plan, actions: [] });
  assert.equal(
    planless.map(({ when }) => when),
    ['before', 'after'],
  );
  assert.match(planless[1]?.text ?? '', 'istiod of two serves two, one');
});

test.run();
