import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { tagInjectorFindings, targetOf } from '../../../src/facts/tag-injector.js';
import { clusterOf, meshOf } from '../compile/support.js';

const injector = (clientConfig: object) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'istio-revision-tag-default' },
  webhooks: [{ name: 'namespace.sidecar-injector.istio.io', clientConfig }],
});

test('an injector asks a URL or a Service', () => {
  assert.is(targetOf(injector({ url: 'https://192.0.2.1:15017/inject' })), 'https://192.0.2.1:15017/inject');
  const service = { namespace: 'istio-system', name: 'istiod', path: '/inject' };
  assert.is(targetOf(injector({ service })), 'Service istio-system/istiod/inject');
});

test('the second injector of istioctl is named with what it asks and the way to be rid of it', () => {
  const mesh = meshOf([clusterOf('one', 'one'), clusterOf('two', 'one', { context: 'admin@two' })]);
  const installed = new Map([
    ['one', {}],
    ['two', { tagInjector: 'https://192.0.2.1:15017/inject' }],
  ]);
  const [found, ...more] = tagInjectorFindings(mesh, installed);
  assert.equal(more, []);
  assert.is(found?.code, 'second-injector');
  assert.match(found?.message ?? '', /^cluster two: .* asks https:\/\/192\.0\.2\.1:15017\/inject/);
  assert.match(found?.hint ?? '', 'kubectl --context admin@two delete');
});

test.run();
