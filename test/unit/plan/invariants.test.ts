import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Unknown } from '../../../src/model/unknown.js';
import { clusterOf, meshOf } from '../compile/support.js';
import {
  cacerts,
  diagnose,
  home,
  injector,
  istiod,
  mesh,
  pem,
  remoteSecret,
  type Step,
  told,
  values,
} from './invariants.support.js';

const test = suite('invariants of the mesh, step by step');

/** A first apply of one primary and one remote, as compile orders it. */
const first: Step[] = [
  ['one/home', [[undefined, home('n1')]]],
  ['two/home', [[undefined, home('n1', 'one')]]],
  ['one/trust<one/home', [[undefined, cacerts('R')]]],
  ['two/trust<two/home', [[undefined, cacerts('R')]]],
  [
    'one/control-plane<one/trust',
    [
      [undefined, istiod('1.31.2')],
      [undefined, values({ meshID: 'm', network: 'n1', tag: '1.31.2' })],
    ],
  ],
  [
    'two/data-plane<two/home,one/control-plane',
    [
      [undefined, injector()],
      [undefined, values({ meshID: 'm', network: 'n1', tag: '1.31.2' })],
    ],
  ],
  ['one/federate<two/data-plane', [[undefined, remoteSecret('two')]]],
];

const without = (text: string, edge: string): Step[] =>
  first.map(([id, changes]) => [
    id.startsWith(`${text}<`) ? id.replace(new RegExp(`${edge},?`), '').replace(/[,<]$/, '') : id,
    changes,
  ]);

test('a right first apply breaks nothing', () => assert.equal(told(first), []));

test('what is not known yet is right by construction', () => {
  const unknown = new Unknown('one/trust', 'new intermediate');
  const later = { ...cacerts('R'), data: { 'root-cert.pem': unknown } };
  assert.equal(told([['one/trust', [[undefined, later]]], ...first.slice(3, 4)]), []);
});

const ORDERS: [title: string, steps: Step[], expected: string[]][] = [
  [
    'istiod beside its authority: it would make a root of its own',
    without('one/control-plane', 'one/trust'),
    ['error invariant-one-root one/control-plane'],
  ],
  [
    'a remote secret beside the data plane of its remote',
    without('one/federate', 'two/data-plane'),
    ['error invariant-remote-secrets one/federate'],
  ],
  [
    'a remote secret beside the annotation',
    without('two/data-plane', 'two/home'),
    ['error invariant-remote-secrets one/federate'],
  ],
  [
    'one root after the other',
    [
      ['one/trust', [[cacerts('R'), cacerts('S')]]],
      ['two/trust', [[cacerts('R'), cacerts('S')]]],
    ],
    ['error invariant-one-root one/trust'],
  ],
  [
    'two minors at once',
    [['one/control-plane', [[istiod('1.29.0'), istiod('1.31.0')]]]],
    ['error invariant-version-skew one/control-plane'],
  ],
];
for (const [title, steps, expected] of ORDERS) {
  test(`refused: ${title}`, () => assert.equal(told(steps), expected));
}

const FINE: [title: string, steps: Step[]][] = [
  [
    'from one root to the next by way of both',
    [
      ['one/trust', [[cacerts('R', 'S'), cacerts('S')]]],
      ['two/trust', [[cacerts('R', 'S'), cacerts('S')]]],
    ],
  ],
  ['one minor', [['one/control-plane', [[istiod('1.30.9'), istiod('1.31.0')]]]]],
  ['a tag without version', [['one/control-plane', [[istiod('1.29.0'), istiod('latest')]]]]],
  [
    'a new network, namespace first',
    [
      ['two/home', [[home('n1', 'one'), home('n2', 'one')]]],
      ['two/data-plane', [[values({ network: 'n1' }), values({ network: 'n2' })]]],
    ],
  ],
  [
    'a new mesh ID in all clusters',
    [
      ['one/control-plane', [[values({ meshID: 'a' }), values({ meshID: 'b' })]]],
      ['two/data-plane', [[values({ meshID: 'a' }), values({ meshID: 'b' })]]],
    ],
  ],
  [
    'the mend of a mesh with two roots',
    [
      ['one/trust', [[cacerts('R'), cacerts('R')]]],
      ['two/trust', [[cacerts('S'), cacerts('R')]]],
    ],
  ],
  [
    'the mend of two other roots, one after the other',
    [
      ['one/trust', [[cacerts('R'), cacerts('T')]]],
      ['two/trust', [[cacerts('S'), cacerts('T')]]],
    ],
  ],
  [
    'the mend of an istiod without authority',
    [
      ['one/trust', [[undefined, cacerts('R')]]],
      ['one/control-plane', [[istiod('1.31.0'), istiod('1.31.0')]]],
    ],
  ],
  [
    'the mend of a leap that happened before',
    [
      ['one/control-plane', [[istiod('1.31.0'), istiod('1.31.0')]]],
      ['two/data-plane', [[values({ tag: '1.29.0' }), values({ tag: '1.31.0' })]]],
    ],
  ],
  [
    'a remote from another istiod, whose injector turns once the new one knows it',
    [
      ['two/home', [[home('n1', 'other'), home('n1', 'one')]]],
      ['one/federate<two/home', [[undefined, remoteSecret('two')]]],
      ['two/data-plane<one/federate', [[injector(), injector('x')]]],
    ],
  ],
  [
    'a remote secret with a wrong key is put right',
    [
      ['two/home', [[home('n1', 'one'), home('n1', 'one')]]],
      ['two/data-plane', [[injector(), injector()]]],
      ['one/federate<two/home,two/data-plane', [[remoteSecret('two', 'wrong'), remoteSecret('two')]]],
    ],
  ],
];
for (const [title, steps] of FINE) test(`not refused: ${title}`, () => assert.equal(told(steps), []));

const SELECTIONS: [title: string, steps: Step[], leftOut: string[], expected: string[]][] = [
  [
    'istiod without its authority',
    first,
    ['one/trust', 'two/trust'],
    ['error invariant-one-root one/control-plane'],
  ],
  [
    'half of a network change',
    [
      ['two/home', [[home('n1', 'one'), home('n2', 'one')]]],
      ['two/data-plane', [[values({ network: 'n1' }), values({ network: 'n2' })]]],
    ],
    ['two/data-plane'],
    ['error invariant-network two/home'],
  ],
  [
    'half of a new mesh ID',
    [
      ['one/control-plane', [[values({ meshID: 'a' }), values({ meshID: 'b' })]]],
      ['two/data-plane', [[values({ meshID: 'a' }), values({ meshID: 'b' })]]],
    ],
    ['two/data-plane'],
    ['error invariant-mesh-id one/control-plane'],
  ],
  [
    'a remote secret without data plane',
    first,
    ['two/data-plane'],
    ['error invariant-remote-secrets one/federate'],
  ],
  [
    'a remote without its secret, which nobody misses yet',
    first,
    ['one/federate'],
    ['warning invariant-remote-secrets two/data-plane'],
  ],
  [
    'the control plane goes on alone, twice',
    [
      ['one/control-plane', [[istiod('1.30.0'), istiod('1.31.0')]]],
      ['two/data-plane', [[values({ tag: '1.29.0' }), values({ tag: '1.31.0' })]]],
    ],
    ['two/data-plane'],
    ['error invariant-version-skew one/control-plane'],
  ],
  [
    'the data plane ahead of its control plane',
    [
      ['one/control-plane', [[istiod('1.30.0'), istiod('1.31.0')]]],
      ['two/data-plane', [[values({ tag: '1.30.0' }), values({ tag: '1.31.0' })]]],
    ],
    ['one/control-plane'],
    ['error invariant-version-skew two/data-plane'],
  ],
];
for (const [title, steps, leftOut, expected] of SELECTIONS) {
  test(`selected: ${title}`, () => assert.equal(told(steps, { leftOut }), expected));
}

test('a downgrade is a warning, for it is the way back from an upgrade that went wrong', () => {
  const steps: Step[] = [['one/control-plane', [[istiod('1.31.0'), istiod('1.30.0')]]]];
  const whole = { ...mesh, istio: { ...mesh.istio, version: '1.30' } };
  assert.equal(told(steps, { mesh: whole }), ['warning invariant-version-skew one/control-plane']);
});

test('images of another version than the charts are a warning', () => {
  const steps: Step[] = [['one/control-plane', [[istiod('1.29.0'), istiod('1.30.0')]]]];
  assert.equal(told(steps), ['warning invariant-version-skew one/control-plane']);
});

test('a remote secret under another name, or for a cluster of another primary', () => {
  const ready: Step[] = first.slice(0, -1);
  assert.equal(told([...ready, ['one/federate<two/data-plane', [[undefined, remoteSecret('two', 'x')]]]]), [
    'error invariant-remote-secrets one/federate',
  ]);
  const other = meshOf([clusterOf('one', 'one'), clusterOf('four', 'four'), clusterOf('two', 'four')]);
  const foreign: Step[] = [['one/federate', [[undefined, remoteSecret('two')]]]];
  assert.equal(told(foreign, { mesh: other }), ['error invariant-remote-secrets one/federate']);
});

test('a caBundle of the values that is not the root', () => {
  const steps = (bundle: string): Step[] => [
    ['one/trust', [[cacerts('R'), cacerts('R')]]],
    ['two/data-plane', [[injector(), injector(bundle)]]],
    ['one/federate', [[remoteSecret('two'), remoteSecret('two')]]],
  ];
  assert.equal(told(steps(pem('R'))), []);
  assert.equal(told(steps(pem('X'))), ['error invariant-one-root two/data-plane']);
});

test('with `source: secret` the authority is the user’s affair', () => {
  const whole = { ...mesh, trust: { ...mesh.trust, source: 'secret' as const } };
  const steps: Step[] = [['one/control-plane', [[undefined, istiod('1.31.0')]]]];
  assert.equal(told(steps, { mesh: whole }), []);
  assert.equal(told(steps), ['error invariant-one-root one/control-plane']);
});

test('a finding names the step, what comes of it and the way out', () => {
  const [finding] = diagnose(without('one/control-plane', 'one/trust'));
  assert.match(
    finding?.message ?? '',
    'one/control-plane would break the mesh: istiod of one would start without',
  );
  assert.match(finding?.hint ?? '', 'one/trust');
});

test('a plan of fifty clusters is walked in well under a second', () => {
  const names = Array.from({ length: 50 }, (_, index) => `c${index}`);
  const whole = meshOf(names.map((name, index) => clusterOf(name, index % 10 === 0 ? name : 'c0')));
  const steps = names.flatMap((name, index): Step[] => [
    [`${name}/home`, [[undefined, home('n1', 'c0')]]],
    [`${name}/trust<${name}/home`, [[undefined, cacerts('R')]]],
    [
      `${name}/plane<${name}/home,${name}/trust`,
      [
        [undefined, values({ meshID: 'm', network: 'n1', tag: '1.31.2', rest: 'x'.repeat(6000) })],
        [undefined, injector()],
        ...(index % 10 === 0
          ? [[undefined, istiod('1.31.2')] as [undefined, ReturnType<typeof istiod>]]
          : []),
      ],
    ],
    ...(index % 10 === 0
      ? []
      : [[`c0/federate-${name}<${name}/plane`, [[undefined, remoteSecret(name)]]] as Step]),
  ]);
  diagnose(steps.slice(0, 8), { mesh: whole });
  const start = process.cpuUsage();
  assert.equal(told(steps, { mesh: whole }), []);
  const { user, system } = process.cpuUsage(start);
  assert.ok(user + system < 1_000_000, `${(user + system) / 1000} ms of CPU`);
});

test.run();
