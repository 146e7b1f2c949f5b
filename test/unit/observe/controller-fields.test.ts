import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject, ManagedFieldsEntry } from '../../../src/model/kube.js';
import { keepControllerFields } from '../../../src/observe/controller-fields.js';

type Webhook = { name: string; failurePolicy?: string; clientConfig?: Record<string, unknown> };

/** istiod has flipped the failurePolicy of these webhooks. */
const byIstiod = (...names: string[]): ManagedFieldsEntry => ({
  manager: 'pilot-discovery',
  operation: 'Update',
  fieldsV1: {
    'f:webhooks': Object.fromEntries(
      names.map((name) => [
        `k:{"name":"${name}"}`,
        { 'f:clientConfig': { 'f:caBundle': {} }, 'f:failurePolicy': {} },
      ]),
    ),
  },
});
const byAutoscaler: ManagedFieldsEntry = {
  manager: 'kube-controller-manager',
  operation: 'Update',
  subresource: 'scale',
  fieldsV1: { 'f:spec': { 'f:replicas': {} } },
};

function webhooks(kind: string, list: Webhook[], managedFields: ManagedFieldsEntry[] = []): KubeObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind,
    metadata: { name: 'hooks', ...(managedFields.length > 0 ? { managedFields } : {}) },
    webhooks: list,
  };
}

function deployment(spec: Record<string, unknown>, managedFields: ManagedFieldsEntry[] = []): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'istiod', managedFields }, spec };
}

const test = suite("fields of istiod's and of controllers");

for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration']) {
  test(`${kind}: failurePolicy is left to istiod where it set it, webhook by webhook`, () => {
    const desired = webhooks(kind, [
      { name: 'a', failurePolicy: 'Ignore' },
      { name: 'b', failurePolicy: 'Ignore' },
      { name: 'new', failurePolicy: 'Ignore' },
    ]);
    const live = webhooks(
      kind,
      [
        { name: 'b', failurePolicy: 'Ignore' },
        { name: 'a', failurePolicy: 'Fail', clientConfig: { caBundle: 'x' } },
      ],
      [byIstiod('a')],
    );
    assert.equal(keepControllerFields(desired, live).webhooks, [
      { name: 'a' },
      { name: 'b', failurePolicy: 'Ignore' },
      { name: 'new', failurePolicy: 'Ignore' },
    ]);
  });

  test(`${kind}: what somebody else set is not kept`, () => {
    const desired = webhooks(kind, [{ name: 'a', failurePolicy: 'Fail' }]);
    const byHand = { ...byIstiod('a'), manager: 'kubectl-edit' };
    const live = webhooks(kind, [{ name: 'a', failurePolicy: 'Ignore' }], [byHand, byIstiod('b')]);
    assert.is(keepControllerFields(desired, live), desired);
  });
}

test('caBundle is never declared, so that it stays istiod’s', () => {
  const desired = webhooks('MutatingWebhookConfiguration', [
    { name: 'a', clientConfig: { url: 'https://x' } },
  ]);
  const live = webhooks(
    'MutatingWebhookConfiguration',
    [{ name: 'a', failurePolicy: 'Fail', clientConfig: { url: 'https://x', caBundle: 'live' } }],
    [byIstiod('a')],
  );
  assert.equal(keepControllerFields(desired, live).webhooks, [
    { name: 'a', clientConfig: { url: 'https://x' } },
  ]);
});

const replicas: [title: string, desired: Record<string, unknown>, by: ManagedFieldsEntry[], kept: unknown][] =
  [
    ['an autoscaler owns the number', { replicas: 3 }, [byAutoscaler], undefined],
    ['an autoscaler once owned it', { replicas: 3 }, [{ ...byAutoscaler, fieldsV1: {} }], 3],
    ['kubectl scaled it', { replicas: 3 }, [{ manager: 'kubectl', subresource: 'scale' }], 3],
    ['the controller wrote its status', { replicas: 3 }, [{ ...byAutoscaler, subresource: 'status' }], 3],
    ['nobody else wrote', { replicas: 3 }, [], 3],
    ['the declaration leaves it out', {}, [byAutoscaler], undefined],
  ];
for (const [title, desired, by, kept] of replicas) {
  test(`replicas where ${title}: ${kept ?? 'left out'}`, () => {
    const result = keepControllerFields(deployment(desired), deployment({ replicas: 7 }, by));
    assert.is((result.spec as { replicas?: number }).replicas, kept);
    assert.is('replicas' in (result.spec as object), kept !== undefined);
  });
}

test('other kinds and the input itself are left alone', () => {
  const service: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'a' },
    spec: { replicas: 1 },
  };
  assert.is(
    keepControllerFields(service, { ...service, metadata: { name: 'a', managedFields: [byAutoscaler] } }),
    service,
  );
  const desired = deployment({ replicas: 3 });
  keepControllerFields(desired, deployment({ replicas: 7 }, [byAutoscaler]));
  assert.equal(desired.spec, { replicas: 3 });
});

test.run();
