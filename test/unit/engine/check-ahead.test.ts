import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkAhead } from '../../../src/engine/check-ahead.js';
import type { DesiredObject } from '../../../src/model/action.js';
import type { IstioFinding } from '../../../src/model/checks.js';
import { addressOf, type KubeObject, refOf } from '../../../src/model/kube.js';
import { Unknown } from '../../../src/model/unknown.js';
import type { Observation } from '../../../src/observe/observe.js';
import { crdOf, fullFacts } from '../compile/support.js';
import { actionOf, inSync, mesh } from '../plan/support.js';

const test = suite('what is checked before any server could be asked');

const custom = (apiVersion: string, kind: string, spec: unknown = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: 'x', namespace: 'shop' },
  spec,
});
const rule = custom('networking.istio.io/v1', 'VirtualService');
const widget = custom('example.com/v1', 'Widget');
const place = { file: 'w.yaml', line: 7, column: 1 };

interface Scene {
  objects: KubeObject[];
  seen?: Observation;
  misfits?: string[];
  findings?: Omit<IstioFinding, 'index'>[];
  /** Kinds that cluster one serves. */
  served?: KubeObject[];
}

async function check({
  objects,
  seen = { type: 'absent' },
  misfits = [],
  findings = [],
  served = [],
}: Scene) {
  const items: DesiredObject[] = objects.map((object) => ({ cluster: 'one', object, source: place }));
  const facts = fullFacts(mesh);
  const { one } = facts.clusters;
  if (one?.reachable)
    one.resources = served.map(({ apiVersion, kind }) => ({
      apiVersion,
      kind,
      plural: 'x',
      namespaced: true,
      verbs: [],
    }));
  const observations = new Map(items.map((item) => [addressOf(refOf('one', item.object)), seen] as const));
  const asked: KubeObject[] = [];
  const warnings = await checkAhead({
    checks: {
      againstCrd: async () => misfits,
      istio: async (given) => {
        asked.push(...given);
        return given.flatMap((_, index) => findings.map((finding) => ({ ...finding, index })));
      },
    },
    facts,
    actions: [actionOf('one/a', { objects: items })],
    observations,
  });
  const refused = [...observations].flatMap(([, item]) => (item.type === 'invalid' ? [item.message] : []));
  return { warnings, refused, asked };
}

test('a kind that no server offers and no manifest brings', async () => {
  const { refused } = await check({ objects: [widget] });
  assert.is(refused.length, 1);
  assert.match(refused[0] ?? '', 'serves no Widget of example.com/v1');
});

test('a kind that the plan brings is checked against its CRD', async () => {
  const objects = [crdOf('example.com', 'Widget'), widget];
  const served = objects.slice(0, 1);
  assert.equal((await check({ objects, served })).refused, []);
  assert.equal((await check({ objects, served, misfits: ['a', 'b'] })).refused, ['a; b']);
});

test('what holds a value that is still to come is right by construction', async () => {
  const later = custom('example.com/v1', 'Widget', { address: new Unknown('one/a', 'address') });
  assert.equal((await check({ objects: [later] })).refused, []);
});

test("Istio's objects that are to be written are validated, others are not", async () => {
  assert.equal((await check({ objects: [rule, widget], served: [rule, widget] })).asked, [rule]);
  const invalid: Observation = { type: 'invalid', message: 'x', declared: true };
  assert.equal((await check({ objects: [rule], served: [rule], seen: invalid })).asked, []);
});

test('what is in order already is not validated again', async () => {
  const seen = inSync(rule);
  const same = seen.type === 'present' ? { ...seen, predicted: seen.live } : seen;
  assert.equal((await check({ objects: [rule], served: [rule], seen: same })).asked, []);
  assert.equal((await check({ objects: [rule], served: [rule], seen })).asked, [rule]);
});

test('an error refuses the object, a warning does not and has its place', async () => {
  const findings = [
    { severity: 'error' as const, message: 'no route' },
    { severity: 'warning' as const, message: 'deprecated' },
  ];
  const { refused, warnings } = await check({ objects: [rule], served: [rule], findings });
  assert.equal(refused, ['no route']);
  assert.equal(
    warnings.map(({ severity, code, file, line }) => [severity, code, file, line]),
    [['warning', 'istio-warning', 'w.yaml', 7]],
  );
});

test.run();
