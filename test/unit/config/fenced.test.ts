import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../../support/folders.js';
import { load } from './support.js';

const test = suite('fenced clusters');

const guide = new URL('../../../examples/primary-remote/', import.meta.url);

/** The guide's mesh after a promotion: cluster-2 leads, and cluster-1 is fenced unless `fenced` says otherwise. */
async function loaded(fenced = '{ since: "2026-01-02T03:04:05Z" }') {
  const folder = temporaryFolder();
  cpSync(guide, folder, { recursive: true });
  const file = join(folder, 'mesh.yaml');
  const fence = fenced && `, fenced: ${fenced}`;
  writeFileSync(
    file,
    `apiVersion: meshplan/v1
kind: Mesh
metadata: { name: mesh1 }
spec:
  istio: { version: "1.31" }
  controlPlane: { exposure: { allowFrom: [10.0.0.0/8] } }
  clusters:
    - { name: cluster-1, role: remote, primary: cluster-2, locality: { region: us-east-1 }${fence} }
    - { name: cluster-2, role: primary, locality: { region: us-west-2 } }
  namespaces:
    - { name: production, clusters: [cluster-1, cluster-2] }
    - { name: there, clusters: [cluster-1] }
    - { name: east, clusters: { region: us-east-1 } }
  workloads:
    - { manifests: apps/frontend.yaml, clusters: [cluster-1] }
    - { manifests: apps/backend.yaml, clusters: [cluster-1], callableFrom: all }
  traffic:
    - host: backend.production.svc.cluster.local
      failover: [{ from: us-east-1, to: us-west-2 }]
      outlierDetection: { consecutive5xxErrors: 5, interval: 30s, baseEjectionTime: 30s }
`,
  );
  return load(file);
}

test('are aside, and nothing is meant for them', async () => {
  const mesh = (await loaded()).loaded?.mesh;
  const names = mesh?.clusters.map(({ name }) => name);
  assert.equal(names, ['cluster-2']);
  assert.equal(
    mesh?.fenced.map(({ name, primary, since }) => ({ name, primary, since })),
    [{ name: 'cluster-1', primary: 'cluster-2', since: '2026-01-02T03:04:05Z' }],
  );
  assert.equal(
    mesh?.namespaces.map(({ name, clusters }) => `${name}: ${clusters}`),
    ['production: cluster-2'],
  );
  assert.equal(
    mesh?.workloads.map(({ manifests, clusters, callableFrom }) => [manifests, clusters, callableFrom]),
    [['apps/backend.yaml', [], ['cluster-2']]],
  );
});

test('change nothing in what is found wrong', async () => {
  const found = async (fenced: string) =>
    (await loaded(fenced)).found.map(({ code, subject }) => [code, subject]);
  assert.equal(await found('{ since: "2026-01-02T03:04:05Z" }'), await found(''));
});

test('count from a moment that another clock shows already', async () => {
  const since = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();
  assert.equal(
    (await loaded(`{ since: "${since(20)}" }`)).found.filter(({ code }) => code === 'bad-date'),
    [],
  );
  assert.is(
    (await loaded(`{ since: "${since(300)}" }`)).found.filter(({ code }) => code === 'bad-date').length,
    1,
  );
});

test.run();
