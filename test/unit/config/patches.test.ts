import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import { brief, enterFixtures, load, objectsOf } from './support.js';

enterFixtures('patches');

const test = suite('patches of workloads');

interface Spec {
  replicas: number;
  template: { spec: { containers: { image: string }[] } };
}

test('each cluster gets the objects as the patches for it leave them, in order', async () => {
  const { loaded, found } = await load('mesh.yaml');
  assert.equal(found, []);
  const workload = loaded?.mesh.workloads[0];
  const cartIn = (cluster: string) => {
    const [cart] = objectsOf(workload, cluster) as (KubeObject & { spec: Spec })[];
    const { replicas, template } = cart?.spec ?? {};
    return { replicas, image: template?.spec.containers[0]?.image, labels: cart?.metadata.labels };
  };
  assert.equal(cartIn('hub'), { replicas: 3, image: 'cart:v1', labels: { app: 'cart' } });
  assert.equal(cartIn('edge'), { replicas: 1, image: 'cart:v1', labels: undefined });
  assert.equal(cartIn('far'), { replicas: 1, image: 'cart:v2', labels: { stage: 'test' } });
});

test('a field is found where it was written: in its manifest, or in the patch for a cluster', async () => {
  const { loaded } = await load('mesh.yaml');
  const placeIn = (cluster: string, field: string) => {
    const [cart] = loaded?.mesh.workloads[0]?.objects.get(cluster) ?? [];
    return cart?.fieldAt?.(field)?.file;
  };
  assert.is(placeIn('hub', 'spec.template.spec.containers[0].image'), 'apps/shop.yaml');
  assert.is(placeIn('far', 'spec.template.spec.containers[0].image'), 'mesh.yaml');
  assert.is(placeIn('far', 'spec.nothing'), undefined);
});

test('a name may be a glob, and what it does not mean stays', async () => {
  const { loaded } = await load('mesh.yaml');
  const replicas = objectsOf(loaded?.mesh.workloads[0], 'edge').map(
    ({ kind, metadata, spec }) => `${kind} ${metadata.name} ${(spec as Partial<Spec>)?.replicas}`,
  );
  assert.equal(replicas, [
    'Deployment cart 1',
    'Deployment cart-worker 1',
    'Service cart undefined',
    'Secret cart undefined',
  ]);
});

test('texts that a patch brings to a Secret become its data', async () => {
  const { loaded } = await load('mesh.yaml');
  const secret = objectsOf(loaded?.mesh.workloads[0], 'hub').at(-1);
  assert.equal(secret?.data, { user: 'Y2FydA==', password: 'eA==' });
  assert.is(secret?.stringData, undefined);
});

test('a patched Namespace differs by cluster', async () => {
  const { loaded } = await load('mesh.yaml');
  assert.equal(
    loaded?.mesh.namespaces.map(({ name, clusters, labels }) => ({ name, clusters, labels })),
    [
      { name: 'store', clusters: ['hub', 'far'], labels: { team: 'shop' } },
      { name: 'store', clusters: ['edge'], labels: { team: 'shop', tier: 'gold' } },
    ],
  );
});

test('mistakes are shown at the patch', async () => {
  const { found } = await load('mistakes.yaml');
  assert.equal(found.map(brief), [
    'mistakes.yaml:15:45 patch-unmatched',
    'mistakes.yaml:17:27 patch-unmatched',
    'mistakes.yaml:19:21 patch-unmatched',
    'mistakes.yaml:22:62 patch-unmatched',
    'mistakes.yaml:26:15 patch-failed',
    'mistakes.yaml:27:35 patch-failed',
    'mistakes.yaml:28:15 patch-failed',
    'mistakes.yaml:30:32 patch-identity',
    'mistakes.yaml:31:11 patch-identity',
    'mistakes.yaml:34:47 not-an-object',
    'mistakes.yaml:35:11 missing-key',
    'mistakes.yaml:38:11 bad-value',
    'mistakes.yaml:40:24 bad-value',
    'mistakes.yaml:40:36 bad-value',
    'mistakes.yaml:41:32 unknown-cluster',
  ]);
  const hints = found.slice(0, 4).map(({ hint }) => hint);
  assert.equal(hints, [
    'did you mean `cart`?',
    'did you mean `Deployment`?',
    'name clusters that get the manifests, or take the patch out',
    'they are in store',
  ]);
});

test('workloads that patch one object differently conflict in the clusters where they differ', async () => {
  const { found } = await load('conflict.yaml');
  assert.equal(found.map(brief), ['conflict.yaml:20:11 conflicting-declaration']);
  assert.match(found[0]?.message ?? '', 'hub/apps/v1/Deployment/store/cart-worker');
});

test('what a patch makes of a custom resource has to fit its CRD, and the fault is shown in the patch', async () => {
  const { found } = await load('custom.yaml');
  assert.equal(found.map(brief), ['custom.yaml:19:21 wrong-type']);
});

test.run();
