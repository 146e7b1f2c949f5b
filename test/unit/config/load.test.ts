import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Findings } from '../../../src/config/findings.js';
import { readObjects } from '../../../src/config/manifests/read-objects.js';
import { temporaryFolder } from '../../support/folders.js';
import { brief, enterFixtures, load, objectsOf } from './support.js';

enterFixtures('right');

/** The mesh of a file that has to load without a finding. */
async function loadRight(file: string) {
  const { found, loaded } = await load(file);
  assert.equal(found.map(brief), []);
  assert.ok(loaded);
  return loaded;
}

test('every field is read: istio, trust, networks', async () => {
  const { mesh } = await loadRight('mesh.yaml');
  assert.equal(mesh.istio, {
    version: '1.31.2',
    hub: 'registry.example.com:5000/istio',
    tag: '1.31.2-distroless',
    values: { global: { logging: { level: 'default:info' } } },
    meshConfig: { accessLogFile: '/dev/stdout' },
  });
  assert.equal(mesh.trust, {
    domain: 'mesh.example.com',
    source: 'files',
    root: {
      keyFile: resolve('ca/root-key.pem'),
      certFile: '/etc/ca/root-cert.pem',
      organization: 'Example',
      validityDays: 3650,
      keyBits: 4096,
    },
    intermediates: { validityDays: 365, renewBeforeDays: 30 },
    remoteKeys: false,
  });
  assert.equal(mesh.networks, ['core', 'spare']);
  assert.equal(mesh.monitoring, { alerts: true, dashboards: false });
});

test('a primary has its own settings over those of the mesh', async () => {
  const { mesh } = await loadRight('mesh.yaml');
  assert.equal(mesh.clusters[0], {
    name: 'hub',
    context: 'admin@hub',
    kubeconfig: resolve('hub.kubeconfig'),
    apiServer: 'https://[2001:db8::1]:6443',
    role: 'primary',
    primary: 'hub',
    network: 'core',
    locality: { region: 'north', zone: 'north-a' },
    labels: { 'example.com/tier': 'gold' },
    values: { pilot: { autoscaleMax: 9 } },
    controlPlane: {
      replicas: 2,
      exposure: {
        type: 'LoadBalancer',
        annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' },
        address: 'istiod.example.com',
        allowFrom: ['10.0.0.0/8', '2001:db8::/32'],
        networkPolicy: {},
      },
      resources: { requests: { cpu: '500m', memory: '2Gi' }, limits: { cpu: 2 } },
    },
    source: { file: 'mesh.yaml', line: 22, column: 7 },
  });
  assert.is(mesh.clusters[1]?.controlPlane.exposure.address, '203.0.113.10');
});

test('a merge key brings the fields of its anchor', async () => {
  const { mesh } = await loadRight('mesh.yaml');
  const { name, role, kubeconfig, locality } = mesh.clusters[1] ?? {};
  assert.equal(
    [name, role, kubeconfig, locality],
    ['hub-2', 'primary', resolve('hub.kubeconfig'), { region: 'south' }],
  );
});

test('namespaces of mesh.yaml and of manifests are laid together', async () => {
  const { mesh } = await loadRight('mesh.yaml');
  assert.equal(
    mesh.namespaces.map(({ source, ...namespace }) => namespace),
    [
      {
        name: 'store',
        injection: true,
        clusters: ['hub', 'hub-2', 'edge'],
        labels: { team: 'shop', extra: 'yes' },
        annotations: { owner: 'shop' },
        preventDelete: false,
      },
      {
        name: 'quiet',
        injection: false,
        clusters: ['edge'],
        labels: {},
        annotations: {},
        preventDelete: false,
      },
      {
        name: 'brought',
        injection: false,
        clusters: ['edge'],
        labels: {},
        annotations: {},
        preventDelete: false,
      },
    ],
  );
});

test('manifests come from folders and globs, in order of their names', async () => {
  const { mesh } = await loadRight('mesh.yaml');
  const kinds = mesh.workloads.map((workload) =>
    objectsOf(workload).map(({ kind, metadata }) => `${kind}/${metadata.name}`),
  );
  assert.equal(kinds, [
    ['Deployment/cart', 'Service/cart', 'ConfigMap/settings'],
    ['Deployment/cart', 'Service/cart'],
  ]);
  assert.equal(
    mesh.workloads.map(({ callableFrom }) => callableFrom),
    [['hub', 'hub-2'], []],
  );
});

test('a glob that meets mesh files passes over them', async () => {
  const { mesh } = await loadRight('whole-folder.yaml');
  assert.equal(
    objectsOf(mesh.workloads[0]).map(({ kind }) => kind),
    ['Deployment', 'Service'],
  );
});

test('manifests are read as kubectl reads them', async () => {
  const { mesh } = await loadRight('mesh.yaml');
  const settings: Record<string, unknown> = objectsOf(mesh.workloads[0])[2] ?? {};
  assert.equal(
    { data: settings.data, immutable: settings.immutable, mode: settings.mode },
    {
      data: { day: '2024-01-01', time: '12:30:00' },
      immutable: true,
      mode: 0o644,
    },
  );
});

test('a Secret of texts is the Secret that a server makes of it', async () => {
  const path = join(temporaryFolder(), 'secret.yaml');
  const head = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a', namespace: 'b' } };
  const secretOf = async (fields: object) => {
    writeFileSync(path, JSON.stringify({ ...head, ...fields }));
    const [found] = await readObjects({ path, shown: 'secret.yaml', isKustomization: false }, new Findings());
    return found?.object;
  };
  const data = { x: 'MQ==', y: 'MQ==' };
  assert.equal(await secretOf({ data, stringData: { y: 'é' } }), { ...head, data: { x: 'MQ==', y: 'w6k=' } });
  assert.equal(await secretOf({ stringData: { y: 1 } }), { ...head, stringData: { y: 1 } });
});

test('traffic rules keep what was written', async () => {
  const { mesh } = await loadRight('mesh.yaml');
  const [rule] = mesh.traffic;
  assert.is(rule?.namespace, 'store');
  assert.equal(rule?.routes[0]?.match?.[0]?.queryParams, { Beta: { regex: 't.*' } });
  assert.equal(rule?.routes[0]?.retries, { attempts: 2, perTryTimeout: '500ms', retryOn: '5xx,reset' });
  assert.equal(rule?.routes[0]?.mirrors, [
    { host: 'cart.store.svc.cluster.local', percent: 100 },
    { host: 'cart.store.svc.cluster.local', subset: 'v1', percent: 0.5 },
  ]);
  assert.equal(rule?.routes[0]?.fault, { delay: { fixedDelay: '100ms', percent: 1.5 } });
  assert.is(rule?.outlierDetection?.maxEjectionPercent, 50);
});

test('a pointer leads to the place where its value was written', async () => {
  const { locate, file, folder } = await loadRight('mesh.yaml');
  assert.equal(locate('/spec/istio/version'), { file: 'mesh.yaml', line: 7, column: 14 });
  assert.is(locate('/spec/nothing'), undefined);
  assert.equal([file, folder], ['mesh.yaml', process.cwd()]);
});

test('a file is shown by the name that the user gave', async () => {
  const { found } = await load('../right/../mistakes/manifest-syntax.yaml');
  assert.equal(found.map(brief), ['../mistakes/apps/syntax.yaml:5:1 yaml-syntax']);
});

test('a missing mesh file, and a folder in its place', async () => {
  assert.equal((await load('none.yaml')).found.map(brief), ['none.yaml file-missing']);
  assert.equal((await load('apps')).found.map(brief), ['apps file-unreadable']);
});

test('strict takes warnings for errors', async () => {
  assert.ok((await load('../mistakes/exposure-open.yaml')).loaded);
  assert.not.ok((await load('../mistakes/exposure-open.yaml', { strict: true })).loaded);
  assert.ok((await load('mesh.yaml', { strict: true })).loaded);
});

test.run();
