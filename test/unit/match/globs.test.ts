import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { matcher } from '../../../src/match/globs.js';

const SECRET = 'cluster-2/v1/Secret/istio-system/cacerts';
const ISTIOD = 'cluster-1/apps/v1/Deployment/istio-system/istiod';

const cases: [pattern: string, name: string, matches: boolean][] = [
  ['cluster-2/data-plane', 'cluster-2/data-plane', true],
  ['cluster-2/data-plane', 'cluster-2/data-planes', false],
  ['cluster-2/data', 'cluster-2/data-plane', false],
  ['cluster-2', 'cluster-2/data-plane', false],
  ['*/data-plane', 'cluster-2/data-plane', true],
  ['cluster-?/data-plane', 'cluster-2/data-plane', true],
  ['cluster-2/*', 'cluster-2/data-plane', true],
  ['cluster-2/*', 'cluster-2/workload/apps-backend', false],
  ['cluster-2/**', 'cluster-2/workload/apps-backend', true],
  ['cluster-2/**', 'cluster-1/federate/cluster-2', false],
  ['cluster-2/**', SECRET, true],
  ['**', SECRET, true],
  ['**', 'mesh/root-ca', true],
  ['**/cacerts', SECRET, true],
  ['*/cacerts', SECRET, false],
  ['**/Secret/**', SECRET, true],
  ['**/Deployment/**', ISTIOD, true],
  ['**/Deployment/**', SECRET, false],
  ['cluster-1/apps/v1/Deployment/*/istiod', ISTIOD, true],
  ['cluster-1/**/istiod', ISTIOD, true],
  ['*/workload/apps-*', 'cluster-1/workload/apps-frontend', true],
  [
    'one/rbac.authorization.k8s.io/v1/ClusterRole/system:*',
    'one/rbac.authorization.k8s.io/v1/ClusterRole/system:a.b',
    true,
  ],
  // Signs that other globs know, and that names may hold.
  ['one/x[ab]', 'one/xa', false],
  ['one/x[ab]', 'one/x[ab]', true],
  ['one/{a,b}', 'one/a', false],
  ['!one/a', 'one/b', false],
  ['one/+(a)', 'one/aa', false],
  // A part may begin with a dot.
  ['one/*', 'one/.hidden', true],
  ['one/a.c', 'one/abc', false],
];

const test = suite('globs over ids and addresses');

for (const [pattern, name, matches] of cases)
  test(`${pattern} ${matches ? 'means' : 'does not mean'} ${name}`, () =>
    assert.is(matcher(pattern)(name), matches));

test('it may be given to `filter` and `some` as it is', () =>
  assert.equal(['one/b', 'one/c', 'one/a'].filter(matcher('one/a')), ['one/a']));

test.run();
