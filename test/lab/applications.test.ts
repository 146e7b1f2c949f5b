import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../src/model/kube.js';
import type { VerifyReport } from '../../src/model/verify.js';
import { type Lab, labUp } from '../support/lab.js';
import type { PlanJson } from '../support/plan-shape.js';

const CLUSTERS = ['cluster-1', 'cluster-2'];
const INJECTION = '/metadata/labels/istio-injection';
const REVISION = '/metadata/labels/istio.io~1rev';
let lab: Lab;

/** mesh.yaml with a kustomization, patched in clusters that a selector chooses, and namespaces of a revision. */
const workloads = [
  { op: 'add', path: '/spec/clusters/1/labels', value: { stage: 'live' } },
  {
    op: 'add',
    path: '/spec/workloads/-',
    value: {
      manifests: 'kustomized',
      clusters: { network: 'network1' },
      patches: [
        {
          clusters: { role: 'remote', labels: { stage: 'live' } },
          target: { kind: 'ConfigMap', name: 'eu-settings-*' },
          merge: { data: { region: 'west' } },
        },
      ],
    },
  },
];
/** The manifests bring Namespaces with the other label. */
const unlabelled = [
  { target: { kind: 'Namespace', name: '*' }, merge: { metadata: { labels: { 'istio-injection': null } } } },
];
const injection = (revision: string) => [
  ...[0, 1].map((index) => ({ op: 'add', path: `/spec/workloads/${index}/patches`, value: unlabelled })),
  { op: 'replace', path: '/spec/namespaces/0/injection', value: { revision } },
  {
    op: 'add',
    path: '/spec/namespaces/-',
    value: { name: 'old', injection: { revision }, clusters: ['cluster-1'] },
  },
];

async function planOf(...args: string[]): Promise<PlanJson & { code: number }> {
  const { code, stdout, stderr } = await lab.meshplan('plan', '--detailed-exitcode', '-o', 'json', ...args);
  assert.ok(code === 0 || code === 2, stderr);
  return { ...(JSON.parse(stdout) as PlanJson), code };
}

async function objectsIn(cluster: string, kind: string): Promise<KubeObject[]> {
  const text = await lab.kubectl(cluster, '-n', 'production', 'get', kind, '-o', 'json');
  return (JSON.parse(text) as { items: KubeObject[] }).items;
}

async function labelsOf(cluster: string, namespace: string): Promise<Record<string, string>> {
  const text = await lab.kubectl(cluster, 'get', 'namespace', namespace, '-o', 'jsonpath={.metadata.labels}');
  return JSON.parse(text) as Record<string, string>;
}

test('a kustomization is applied, and differs in the clusters that a patch selects', async () => {
  lab = await labUp({ example: 'primary-remote' });
  await mkdir(join(lab.folder, 'kustomized', 'base'), { recursive: true });
  const generator = [{ name: 'settings', literals: ['region=east'] }];
  const kustomization = { namespace: 'production', namePrefix: 'eu-', resources: ['base'] };
  await lab.write('kustomized/kustomization.yaml', JSON.stringify(kustomization));
  await lab.write('kustomized/base/kustomization.yaml', JSON.stringify({ configMapGenerator: generator }));
  await lab.write('workloads.json', JSON.stringify(workloads));
  for (const [cluster, namespace] of [
    ['cluster-2', 'production'],
    ['cluster-1', 'old'],
  ] as const) {
    await lab.kubectl(cluster, 'create', 'namespace', namespace);
    await lab.kubectl(cluster, 'label', 'namespace', namespace, 'istio-injection=enabled');
  }
  const adopt = ['--adopt', 'cluster-2/v1/Namespace/production'];
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', '--overlay', 'workloads.json', ...adopt);
  assert.is(code, 0, stdout + stderr);
  const regions = await Promise.all(
    CLUSTERS.map(async (cluster) => {
      const maps = await objectsIn(cluster, 'configmaps');
      const found = maps.find(({ metadata }) => metadata.name.startsWith('eu-settings-'));
      assert.is(found?.metadata.annotations, undefined);
      return (found?.data as { region?: string } | undefined)?.region;
    }),
  );
  assert.equal(regions, ['east', 'west']);
});

test('nothing is left to plan', async () => {
  const { code, actions } = await planOf('--overlay', 'workloads.json');
  assert.is(code, 0, JSON.stringify(actions.filter(({ change }) => change !== 'noop')));
});

test('a revision takes the place of the label, also where somebody else has set that', async () => {
  await lab.write('revision.json', JSON.stringify([...workloads, ...injection('default')]));
  const { actions, diagnostics } = await planOf('--overlay', 'revision.json');
  const changed = actions.flatMap(({ objects }) => objects).filter(({ change }) => change !== 'noop');
  assert.equal(
    changed.map(({ address, patch }) => [address, ...patch.map(({ op, path }) => `${op} ${path}`).sort()]),
    [
      ['cluster-1/v1/Namespace/production', `add ${REVISION}`, `remove ${INJECTION}`],
      ['cluster-2/v1/Namespace/production', `add ${REVISION}`, `remove ${INJECTION}`],
      ['cluster-1/v1/Namespace/old', `add ${REVISION}`],
    ],
  );
  // Nobody has given that one to meshplan.
  assert.equal(
    diagnostics
      .filter(({ code }) => code === 'injection-overruled')
      .map(({ message }) => message.split(' ')[0]),
    ['cluster-1/v1/Namespace/old'],
  );
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', '--overlay', 'revision.json');
  assert.is(code, 0, stdout + stderr);
  for (const cluster of CLUSTERS) {
    const labels = await labelsOf(cluster, 'production');
    assert.equal([labels['istio.io/rev'], labels['istio-injection']], ['default', undefined], cluster);
  }
  const again = await planOf('--overlay', 'revision.json');
  assert.is(again.code, 0, JSON.stringify(again.actions.filter(({ change }) => change !== 'noop')));
});

test('pods of such a namespace get their sidecar, and verify looks there', async () => {
  const { stdout } = await lab.meshplan('verify', '-o', 'json', '--overlay', 'revision.json');
  const { checks } = JSON.parse(stdout) as VerifyReport;
  const found = checks.filter(({ id }) => id === 'injection').map(({ status }) => status);
  assert.equal(found, ['pass', 'pass'], stdout);
});

test('a revision that no injector answers for is told, and the way back is a plan as well', async () => {
  await lab.write('canary.json', JSON.stringify([...workloads, ...injection('canary')]));
  const { diagnostics } = await planOf('--overlay', 'canary.json');
  const told = diagnostics.filter(({ code }) => code === 'unknown-revision').map(({ message }) => message);
  assert.equal(
    told.map((message) => /cluster (\S+):.* namespace (\S+) get/.exec(message)?.slice(1).join(' ')),
    ['cluster-1 production', 'cluster-1 old', 'cluster-2 production'],
  );
  const back = await lab.meshplan('apply', '-y', '--overlay', 'workloads.json');
  assert.is(back.code, 0, back.stdout + back.stderr);
  for (const cluster of CLUSTERS) {
    const labels = await labelsOf(cluster, 'production');
    assert.equal([labels['istio.io/rev'], labels['istio-injection']], [undefined, 'enabled'], cluster);
  }
});

test('the lab goes without a trace', () => lab.down());

test.run();
