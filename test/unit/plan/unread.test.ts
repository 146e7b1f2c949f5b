import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unreadBecause } from '../../../src/cluster/unread.js';
import { ApiError, UnreachableError } from '../../../src/errors/index.js';
import { addressOf, refOf, type Unread } from '../../../src/model/kube.js';
import { actionOf, changesOf, configMap, inSync, live, owned, ownedMap, planOf } from './support.js';

const answered = (status: number, message: string) =>
  new ApiError({ cluster: 'one', status, reason: 'x', message });
const RIGHT = 'User "night" cannot list resource "secrets" in API group "" in the namespace "istio-system"';

const errors: [string, unknown, ReturnType<typeof unreadBecause>][] = [
  [
    'a right that is missing, in words that are the same for every object',
    answered(403, `secrets "cacerts" is forbidden: ${RIGHT}`),
    { reason: 'forbidden', message: RIGHT },
  ],
  [
    'rights that one may not give away',
    answered(
      403,
      'roles "x" is forbidden: user "night" (groups=["a"]) is attempting to grant RBAC permissions',
    ),
    { reason: 'forbidden', message: 'user "night" (groups=["a"]) is attempting to grant RBAC permissions' },
  ],
  ['a policy that refuses one object', answered(403, 'pods "x" is forbidden: exceeded quota'), undefined],
  ['a server that fails', answered(500, 'broken'), { reason: 'server-error', message: 'one: broken' }],
  ['a server that stays busy', answered(429, 'later'), { reason: 'server-error', message: 'one: later' }],
  ['credentials that are not taken', answered(401, 'Unauthorized'), undefined],
  ['a wrong object', answered(422, 'invalid'), undefined],
  ['no answer', new UnreachableError('one', 'refused'), undefined],
];
for (const [title, error, expected] of errors) {
  test(`what a failed reading says of a kind: ${title}`, () => assert.equal(unreadBecause(error), expected));
}

const secrets: Unread = {
  cluster: 'one',
  apiVersion: 'v1',
  kind: 'ConfigMap',
  reason: 'forbidden',
  message: RIGHT,
};

test('a kind that may not be listed makes a plan incomplete and is told once', () => {
  const again = { ...secrets, name: 'a', namespace: 'shop' };
  const plan = planOf({ actions: [actionOf('one/a')], unread: [secrets, again] });
  assert.is(plan.complete, false);
  assert.equal(
    plan.diagnostics.map(({ severity, code }) => `${severity} ${code}`),
    ['warning read-forbidden'],
  );
  assert.match(plan.diagnostics[0]?.message ?? '', RIGHT);
});

test('an action of which a part is not known is unknown, whatever else it would change', () => {
  const [mine, other] = [configMap('mine'), configMap('other')];
  const action = actionOf('one/a', {
    objects: [mine, other].map((object) => ({ cluster: 'one', object })),
  });
  const address = addressOf(refOf('one', other));
  const plan = planOf({
    actions: [action],
    seen: { 'one/a': { type: 'immutable', live: live(mine), message: 'x', fields: [] } },
    each: { [address]: { type: 'unread', reason: 'forbidden', message: 'no' } },
  });
  assert.equal(changesOf(plan), ['one/a unknown forbidden']);
});

test('what the state knows and cannot be seen stays in the plan, so that it is not taken for gone', () => {
  const known = new Map([
    ['one/v1/ConfigMap/shop/old', 'u1'],
    ['one/v1/ConfigMap/shop/a', 'u2'],
    ['one/v1/Service/shop/seen', 'u3'],
  ]);
  const plan = planOf({ actions: [actionOf('one/a')], unread: [secrets], known });
  assert.equal(changesOf(plan), ['one/removal unknown forbidden']);
  assert.equal(
    plan.actions.at(-1)?.objects.map(({ address, change }) => `${address} ${change}`),
    ['one/v1/ConfigMap/shop/old unknown'],
  );
});

test('what left the declaration is deleted although a kind beside it cannot be seen', () => {
  const gone = { ...configMap('gone'), kind: 'Service' };
  const plan = planOf({
    actions: [actionOf('one/a')],
    seen: { 'one/a': inSync(configMap('a')) },
    ours: ownedMap(owned('one', gone)),
    unread: [secrets],
    known: new Map([['one/v1/ConfigMap/shop/old', 'u1']]),
  });
  assert.equal(changesOf(plan), ['one/removal delete not-declared']);
});

test.run();
