import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { chartInputs } from '../../../src/compile/charts.js';
import type { Facts } from '../../../src/model/facts.js';
import { action, clusterOf, compiled, fullFacts, meshOf } from './support.js';

const replicas = (count: number) => ({
  controlPlane: {
    replicas: count,
    exposure: { type: 'LoadBalancer' as const, annotations: {}, allowFrom: [] },
  },
});
const mesh = meshOf([clusterOf('one', 'one', replicas(3)), clusterOf('two', 'one')]);
const BARE = { multiRoot: false, spread: false };

/** The text of what istioctl is asked for in a cluster. */
const operatorOf = (cluster: string, inherited?: Facts['inherited']) =>
  JSON.stringify(
    chartInputs(mesh, { one: '203.0.113.7' }, inherited).find((item) => item.cluster === cluster)?.operator,
  );

const test = suite('compile: an installation that was there before');

test('goes without what it works without, and without values that are the charts own', () => {
  const text = operatorOf('one', { one: BARE });
  assert.not.match(text, /MULTIROOT|topologySpread|autoscaleMax|trustDomain/);
  assert.match(text, '"autoscaleMin":3');
  assert.match(text, '"externalIstiod":true');
});

test('keeps what it has', () => {
  const text = operatorOf('one', { one: { multiRoot: true, spread: true } });
  assert.match(text, 'MULTIROOT');
  assert.match(text, 'topologySpread');
});

test('one of meshplan has all of it', () => {
  for (const part of ['MULTIROOT', 'topologySpread', 'autoscaleMax', 'trustDomain'])
    assert.match(operatorOf('one'), part);
  assert.match(operatorOf('two'), 'trustDomain');
  assert.not.match(operatorOf('two', { two: BARE }), 'trustDomain');
});

test('the plan says what it goes without, and how to add it', () => {
  const [note = ''] =
    action(compiled(mesh, { ...fullFacts(mesh), inherited: { one: BARE } }), 'one/control-plane').notes ?? [];
  assert.match(note, 'without ISTIO_MULTIROOT_MESH');
  assert.match(note, 'label deployment istiod meshplan.dev/adopted-');
  assert.is(action(compiled(mesh, fullFacts(mesh)), 'one/control-plane').notes, undefined);
});

const DATA = 'YXBpVmVyc2lvbjogdjEK';
const credentials = {
  name: 'two',
  server: 'https://two.example:6443/',
  ca: 'CA of two\n',
  token: 'token of two',
};
const kept: [title: string, differs: Partial<typeof credentials>, isKept: boolean][] = [
  ['says the same', {}, true],
  ['leads elsewhere', { server: 'https://other.example:6443' }, false],
  ['has another token', { token: 'older' }, false],
  ['trusts another authority', { ca: 'other' }, false],
];
for (const [title, differs, isKept] of kept) {
  test(`a remote secret that ${title} is ${isKept ? 'kept as it is written' : 'written anew'}`, () => {
    const facts = {
      ...fullFacts(mesh),
      remoteSecrets: { two: { data: DATA, credentials: { ...credentials, ...differs } } },
    };
    const [secret] = action(compiled(mesh, facts), 'one/federate/two').objects;
    assert.is((secret?.object.data as Record<string, string> | undefined)?.two === DATA, isKept);
  });
}

test.run();
