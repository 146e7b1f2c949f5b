import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compareProven, type Difference } from '../../../src/proof/compare.js';
import type { Proven } from '../../../src/proof/report.js';
import { DEPLOYMENT, deployment, placeOf, provenOf } from './support.js';

const brief = (item: Difference) =>
  item.type === 'field' ? `${item.address} ${item.pointer}` : `${item.type} ${item.address}`;
const compared = (proved: Proven, declared: Proven, except?: Parameters<typeof compareProven>[2]) =>
  compareProven(proved, declared, except).map(brief);

const one = (name: string, content: unknown) =>
  provenOf([placeOf(name, name, { locality: { region: `${name}-west-1` } })], {
    [name]: { [DEPLOYMENT]: content },
  });

test('the same is no difference, whatever the clusters are called', () => {
  const env = (name: string) => ({
    CLUSTER: name,
    REGION: `${name}-west-1`,
    URL: `http://${name}.shop.example`,
  });
  assert.equal(
    compared(one('st', deployment({ env: env('st') })), one('pr', deployment({ env: env('pr') }))),
    [],
  );
});

test('a tag that is called as a place is no place; the registry of a region is one', () => {
  const at = (name: string, image: string) => one(name, deployment({ image }));
  const different = [`pr/${DEPLOYMENT} /spec/template/spec/containers/0/image`];
  assert.equal(compared(at('st', 'web:st'), at('pr', 'web:pr')), different);
  assert.equal(
    compared(at('st', 'hub:5000/web:st-west-1@x'), at('pr', 'hub:5000/web:pr-west-1@x')),
    different,
  );
  const ofRegion = (name: string) => `1.ecr.${name}-west-1.cloud.example:443/${name}/web:v1`;
  assert.equal(compared(at('st', ofRegion('st')), at('pr', ofRegion('pr'))), []);
});

test('an image, a count, an item and an order are differences, each with its pointer', () => {
  const base = one('st', deployment());
  const changed = (change: (content: ReturnType<typeof deployment>) => void) => {
    const content = deployment();
    change(content);
    return compared(base, one('pr', content));
  };
  const at = `pr/${DEPLOYMENT} /spec`;
  assert.equal(compared(base, one('pr', deployment({ image: 'web:v2' }))), [
    `${at}/template/spec/containers/0/image`,
  ]);
  assert.equal(compared(base, one('pr', deployment({ replicas: 5 }))), [`${at}/replicas`]);
  assert.equal(
    changed(({ spec }) => spec.template.spec.containers[0]?.args.push('--debug')),
    [`${at}/template/spec/containers/0/args/2`],
  );
  assert.equal(
    changed(({ spec }) => spec.template.spec.initContainers.reverse()),
    ['0/name', '1/name'].map((place) => `${at}/template/spec/initContainers/${place}`),
  );
  assert.equal(
    changed(({ spec }) => Object.assign(spec, { paused: true })),
    [`${at}/paused`],
  );
});

test('a name of one place is not the name of another', () => {
  const clusters = (prefix: string) => [
    placeOf(`${prefix}-1`, `${prefix}-1`, { locality: { region: `${prefix}-north` } }),
    placeOf(`${prefix}-2`, `${prefix}-1`, { locality: { region: `${prefix}-south` } }),
  ];
  const rule = (from: string, to: string) => ({
    spec: { failover: [{ from, to }], weight: { [`${to}/*`]: 80 } },
  });
  const [staging, production] = [clusters('st'), clusters('pr')];
  const proved = provenOf(staging, { 'st-1': { rule: rule('st-north', 'st-south') }, 'st-2': {} });
  const declared = (from: string, to: string) =>
    provenOf(production, { 'pr-1': { rule: rule(from, to) }, 'pr-2': {} });
  assert.equal(compared(proved, declared('pr-north', 'pr-south')), []);
  assert.equal(compared(proved, declared('pr-south', 'pr-north')).sort(), [
    'pr-1/rule /spec/failover/0/from',
    'pr-1/rule /spec/failover/0/to',
    'pr-1/rule /spec/weight/pr-north~1*',
    'pr-1/rule /spec/weight/st-south~1*',
  ]);
});

test('a cluster whose name is an ordinary word makes no difference', () => {
  const at = (name: string) =>
    provenOf([placeOf(name, name)], {
      [name]: { [DEPLOYMENT]: deployment({ env: { MODE: 'primary web' } }) },
    });
  assert.equal(compared(at('primary'), at('web')), []);
});

test('more remotes than in the other environment are as good as one', () => {
  const meshOf = (prefix: string, remotes: number) => {
    const names = Array.from({ length: remotes }, (_, index) => `${prefix}-r${index + 1}`);
    const objects = Object.fromEntries(names.map((name) => [name, { [DEPLOYMENT]: deployment() }]));
    const secret = (name: string) => [
      `v1/Secret/istio-system/istio-remote-secret-${name}`,
      { metadata: { name: `istio-remote-secret-${name}` }, data: { [name]: '(sensitive value)' } },
    ];
    return provenOf([placeOf(prefix, prefix), ...names.map((name) => placeOf(name, prefix))], {
      [prefix]: {
        ...Object.fromEntries(names.map(secret)),
        list: { names, query: `up{cluster=~"${names.join('|')}"}` },
      },
      ...objects,
    });
  };
  assert.equal(compared(meshOf('st', 1), meshOf('pr', 3)), []);
  assert.equal(compared(meshOf('st', 2), meshOf('pr', 1)), []);
});

test('places of one meaning hide nothing of what is said of each', () => {
  const weights = (prefix: string, ...values: number[]) => {
    const names = values.map((_, index) => `${prefix}-r${index + 1}`);
    const weight = Object.fromEntries(names.map((name, index) => [name, values[index]]));
    return provenOf([placeOf(prefix, prefix), ...names.map((name) => placeOf(name, prefix))], {
      [prefix]: { rule: { weight } },
    });
  };
  assert.equal(compared(weights('st', 20), weights('pr', 20, 20)), []);
  assert.equal(compared(weights('st', 20), weights('pr', 90, 20)), ['pr/rule /weight/pr-r1']);
  assert.equal(compared(weights('st', 90, 20), weights('pr', 20, 90)), []);
});

test('what is in one of the environments alone is told, before how things differ', () => {
  const proved = provenOf([placeOf('st', 'st')], {
    st: { 'v1/Service/store/web': {}, strict: {}, [DEPLOYMENT]: deployment() },
  });
  const declared = provenOf([placeOf('pr', 'pr'), placeOf('far', 'pr')], {
    pr: { [DEPLOYMENT]: deployment({ image: 'web:v2' }), filter: {}, 'v1/Service/store/web': {} },
    far: {},
  });
  assert.equal(compared(proved, declared), [
    'unproved pr/filter',
    'no-counterpart far',
    'missing pr/strict',
    `pr/${DEPLOYMENT} /spec/template/spec/containers/0/image`,
  ]);
});

test('a cluster is compared with its namesake, else with any of its role', () => {
  const staging = provenOf([placeOf('hub', 'hub'), placeOf('a', 'hub'), placeOf('b', 'hub')], {
    hub: {},
    a: { [DEPLOYMENT]: deployment({ replicas: 1 }) },
    b: { [DEPLOYMENT]: deployment({ replicas: 2 }) },
  });
  const withRemote = (name: string) =>
    provenOf([placeOf('hub', 'hub'), placeOf(name, 'hub')], {
      hub: {},
      [name]: { [DEPLOYMENT]: deployment({ replicas: 2 }) },
    });
  assert.equal(compared(staging, withRemote('other')), []);
  assert.equal(compared(staging, withRemote('b')), []);
  assert.equal(compared(staging, withRemote('a')), [`a/${DEPLOYMENT} /spec/replicas`]);
});

test('exceptions take out fields, objects, and what is in one environment alone', () => {
  const proved = one('st', deployment());
  const declared = provenOf([placeOf('pr', 'pr')], {
    pr: { [DEPLOYMENT]: deployment({ replicas: 5, image: 'web:v2' }), 'v1/ConfigMap/store/only': {} },
  });
  assert.equal(compared(proved, declared, [{ address: '*/v1/ConfigMap/store/only' }]), [
    `pr/${DEPLOYMENT} /spec/replicas`,
    `pr/${DEPLOYMENT} /spec/template/spec/containers/0/image`,
  ]);
  const except = [
    { address: '*/v1/ConfigMap/store/only' },
    { address: `*/${DEPLOYMENT}`, pointers: ['/spec/template/spec/containers/*/image'] },
  ];
  assert.equal(compared(proved, declared, except), [`pr/${DEPLOYMENT} /spec/replicas`]);
  // A pointer permits no object that is nowhere proved.
  assert.equal(compared(proved, declared, [{ address: '**', pointers: ['/spec'] }]), [
    'unproved pr/v1/ConfigMap/store/only',
  ]);
});

test.run();
