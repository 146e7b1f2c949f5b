import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import { overrulingLabels, withoutLabels } from '../../../src/observe/overruling.js';

const test = suite('labels that make a declared revision void');

const namespace = (labels: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'shop', labels },
});

test('istio-injection beside a declared revision, whatever it says', () => {
  const declared = namespace({ 'istio.io/rev': 'canary' });
  for (const value of ['enabled', 'disabled']) {
    const live = namespace({ 'istio.io/rev': 'canary', 'istio-injection': value, team: 'a' });
    assert.equal(overrulingLabels(declared, live), ['istio-injection']);
    assert.equal(withoutLabels(live, ['istio-injection']).metadata.labels, {
      'istio.io/rev': 'canary',
      team: 'a',
    });
  }
});

test('nothing else: a revision of others beside declared injection is not heeded', () => {
  const both = namespace({ 'istio.io/rev': 'canary', 'istio-injection': 'enabled' });
  assert.equal(overrulingLabels(namespace({ 'istio-injection': 'enabled' }), both), []);
  assert.equal(overrulingLabels(namespace({}), both), []);
  assert.equal(overrulingLabels(namespace({ 'istio.io/rev': 'canary' }), namespace({ team: 'a' })), []);
});

test.run();
