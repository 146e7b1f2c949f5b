import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import { protectedObject } from '../../../src/model/names.js';
import { keepProtected } from '../../../src/plan/prevent-delete.js';
import { actionOf, changesOf, configMap, inSync, live, owned, ownedMap, planOf } from './support.js';

const kept = protectedObject(configMap('kept'));
const shop: KubeObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
const findings = (plan: ReturnType<typeof planOf>) =>
  keepProtected(plan).diagnostics.filter(({ code }) => code === 'prevent-delete');

const test = suite('what must stay');

test('left mesh.yaml: refused, and named', () => {
  const plan = planOf({ actions: [], ours: ownedMap(owned('one', kept), owned('one', configMap('other'))) });
  const [finding] = findings(plan);
  assert.is(finding?.severity, 'error');
  assert.match(finding?.message ?? '', 'one/v1/ConfigMap/shop/kept');
  assert.not.match(finding?.message ?? '', 'other');
});

test('to be replaced: refused', () => {
  const plan = planOf({
    actions: [actionOf('one/kept')],
    seen: { 'one/kept': { type: 'immutable', live: live(kept), message: 'x', fields: ['data'] } },
  });
  assert.is(findings(plan).length, 1);
});

test('there and declared: nothing to refuse, also where it changes', () => {
  const changed = { ...inSync(kept), predicted: live(configMap('kept', { a: '1' })) };
  const plan = planOf({ actions: [actionOf('one/kept')], seen: { 'one/kept': changed } });
  assert.equal(changesOf(plan), ['one/kept update declaration-changed']);
  assert.equal(findings(plan), []);
});

test('its Namespace goes: refused, though nothing happens to the object itself', () => {
  const plan = planOf({
    actions: [actionOf('one/kept')],
    seen: { 'one/kept': inSync(kept) },
    ours: ownedMap(owned('one', shop)),
  });
  assert.is(findings(plan).length, 1);
});

test('a plan without them is the same', () => {
  const plan = planOf({ actions: [], ours: ownedMap(owned('one', configMap('other'))) });
  assert.is(keepProtected(plan), plan);
});

test('a Namespace that was there before is given back, not deleted', () => {
  const before = { ...shop, metadata: { ...shop.metadata, labels: { 'meshplan.dev/adopted': 'true' } } };
  const plan = planOf({ actions: [], ours: ownedMap(owned('one', before)) });
  assert.equal(changesOf(plan), ['one/removal update not-declared']);
  const [object] = plan.actions[0]?.objects ?? [];
  assert.is(object?.shared, true);
  assert.match(object?.notes?.[0] ?? '', 'it stays');
});

test.run();
