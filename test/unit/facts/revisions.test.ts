import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { revisedNamespaces, revisionFindings } from '../../../src/facts/revisions.js';
import type { KubeObject } from '../../../src/model/kube.js';
import type { Injection } from '../../../src/model/resolved-mesh.js';
import { clusterOf, injected, meshOf } from '../compile/support.js';

const test = suite('revisions and the injectors that answer for them');

/** The webhooks of an installation or a tag, with the selectors that istioctl 1.31 gives them. */
function injectors(revision: string): KubeObject {
  const both = [
    { key: 'istio.io/rev', operator: 'In', values: [revision] },
    { key: 'istio-injection', operator: 'DoesNotExist' },
  ];
  const neither = ['istio.io/rev', 'istio-injection'].map((key) => ({ key, operator: 'DoesNotExist' }));
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: `istio-sidecar-injector-${revision}` },
    webhooks: [
      { name: 'rev.namespace.sidecar-injector.istio.io', namespaceSelector: { matchExpressions: both } },
      { name: 'rev.object.sidecar-injector.istio.io', namespaceSelector: { matchExpressions: neither } },
    ],
  };
}

/** As istioctl puts one to rest. */
const atRest = (configuration: KubeObject): KubeObject => ({
  ...configuration,
  webhooks: (configuration.webhooks as object[]).map((webhook) => ({
    ...webhook,
    namespaceSelector: { matchLabels: { 'istio.io/deactivated': 'never-match' } },
  })),
});

const ofOthers: KubeObject = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'policies' },
  webhooks: [{ name: 'everything.example.com', namespaceSelector: {} }],
};

function found(injection: Injection, live: KubeObject[] | undefined): string[] {
  const namespaces = [{ ...injected('shop', ['one']), injection }];
  const mesh = meshOf([clusterOf('one', 'one'), clusterOf('two', 'one')], { namespaces });
  return revisionFindings(mesh, new Map([['one', live]])).map(({ message, hint }) => `${message}. ${hint}`);
}

test('a revision, or a tag, with an injector is known', () => {
  assert.equal(found({ revision: 'canary' }, [ofOthers, injectors('default'), injectors('canary')]), []);
});

const lost =
  'cluster one: no injector answers for revision `canary`, so pods of namespace shop get no sidecar.';
const cases: [string, KubeObject[], string][] = [
  ['none at all', [], 'default'],
  ['webhooks of others, whatever they select', [ofOthers], 'default'],
  ['other revisions', [injectors('default'), injectors('prod')], 'default, prod'],
  ['one at rest', [atRest(injectors('canary'))], 'default'],
];
for (const [title, live, known] of cases) {
  test(`a revision without an injector is told: ${title}`, () => {
    const hint = `Install that revision or tag in one, or mind its name; there are ${known}.`;
    assert.equal(found({ revision: 'canary' }, live), [`${lost} ${hint}`]);
  });
}

test('where webhooks could not be read, or were not asked for, nothing is said', () => {
  assert.equal(found({ revision: 'canary' }, undefined), []);
});

test('only namespaces of revisions that meshplan does not install make it ask', () => {
  const asks = (injection: Injection) => {
    const namespaces = [{ ...injected('shop', ['one']), injection }];
    const mesh = meshOf([clusterOf('one', 'one'), clusterOf('two', 'one')], { namespaces });
    return ['one', 'two'].map((cluster) => revisedNamespaces(mesh, cluster).length);
  };
  assert.equal(asks({ revision: 'canary' }), [1, 0]);
  assert.equal(asks({ revision: 'default' }), [0, 0]);
  assert.equal(asks(true), [0, 0]);
});

test.run();
