import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { brief, load, objectsOf } from './support.js';

process.chdir(fileURLToPath(new URL('../../../', import.meta.url)));

test('primary-remote: the guide as one file warns of the open exposure and the empty subset', async () => {
  const { found, loaded } = await load('examples/primary-remote/mesh.yaml');
  assert.equal(found.map(brief), [
    'warning examples/primary-remote/mesh.yaml:29:5 exposure-open',
    'warning examples/primary-remote/mesh.yaml:45:9 empty-subset',
  ]);
  assert.equal(
    loaded?.mesh.namespaces.map(({ name, injection, clusters }) => ({ name, injection, clusters })),
    [{ name: 'production', injection: true, clusters: ['cluster-1', 'cluster-2'] }],
  );
});

test('primary-remote: the manifests hold the facts of the guide', async () => {
  const { loaded } = await load('examples/primary-remote/mesh.yaml');
  const [frontend, backend] = loaded?.mesh.workloads ?? [];
  const specs = [frontend, backend].map((workload) => objectsOf(workload)[0]?.spec as { replicas: number });
  assert.equal(
    specs.map(({ replicas }) => replicas),
    [2, 3],
  );
  assert.equal(backend?.callableFrom, ['cluster-1']);
  assert.equal(objectsOf(backend)[1]?.spec, {
    selector: { app: 'backend' },
    ports: [{ name: 'http', port: 80, targetPort: 8080 }],
  });
});

test('two-remotes: one primary, two remotes chosen by role, region and label, no findings', async () => {
  const { found, loaded } = await load('examples/two-remotes/mesh.yaml');
  assert.equal(found.map(brief), []);
  assert.equal(
    loaded?.mesh.clusters.map(({ name, primary }) => `${name} by ${primary}`),
    ['hub by hub', 'edge-north by hub', 'edge-south by hub'],
  );
});

test.run();
