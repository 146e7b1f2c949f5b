import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../../support/folders.js';
import { brief, load } from './support.js';

const test = suite('Services for callers');

const service = (ports: object[], more: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'cart', namespace: 'default' },
    spec: { selector: { app: 'cart' }, ports, ...more },
  });

/** What is found, and the Services that callers get by workload and cluster. */
async function read(files: Record<string, string>, workloads: object[]) {
  const folder = temporaryFolder();
  process.chdir(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const clusters = ['hub', 'edge', 'far'].map((name) => ({
    name,
    role: name === 'hub' ? 'primary' : 'remote',
  }));
  const controlPlane = { exposure: { allowFrom: ['10.0.0.0/8'] } };
  const spec = { istio: { version: '1.31' }, clusters, controlPlane, workloads };
  const mesh = { apiVersion: 'meshplan/v1', kind: 'Mesh', metadata: { name: 'shop' }, spec };
  writeFileSync(join(folder, 'mesh.yaml'), JSON.stringify(mesh));
  const { found, loaded } = await load('mesh.yaml');
  const callable = loaded?.mesh.workloads.map((workload) =>
    [...workload.callable].map(
      ([cluster, items]) => `${cluster} ${items.map(({ metadata }) => metadata.name)}`,
    ),
  );
  return { found: found.map(brief), findings: found, callable, mesh: loaded?.mesh };
}

const http = [{ name: 'http', port: 80 }];

test('every caller gets each Service, but those that manifests bring it', async () => {
  const files = { 'a.yaml': service(http), 'b.yaml': service(http, { type: 'NodePort' }) };
  const { found, callable } = await read(files, [
    { manifests: 'a.yaml', clusters: ['hub'], callableFrom: 'all' },
    { manifests: 'b.yaml', clusters: ['edge'], callableFrom: 'all' },
  ]);
  assert.equal(found, []);
  assert.equal(callable, [
    ['edge ', 'far cart'],
    ['hub ', 'far cart'],
  ]);
});

test('where a Service differs by cluster, callers get that of the first', async () => {
  const { mesh } = await read({ 'a.yaml': service(http) }, [
    {
      manifests: 'a.yaml',
      clusters: ['edge', 'hub'],
      callableFrom: ['far'],
      patches: [
        {
          clusters: ['edge'],
          target: { kind: 'Service', name: 'cart' },
          json: [{ op: 'add', path: '/spec/ports/0/targetPort', value: 8080 }],
        },
      ],
    },
  ]);
  const [found] = mesh?.workloads[0]?.callable.get('far') ?? [];
  const spec = found?.spec as { ports?: object[] } | undefined;
  assert.equal(spec?.ports, [{ name: 'http', port: 80, targetPort: 8080 }]);
});

const patchTo = (ports: object[]) => [
  { clusters: ['edge'], target: { kind: 'Service', name: 'cart' }, merge: { spec: { ports } } },
];
const disagreements: [string, object[], boolean][] = [
  ['another number', [{ name: 'http', port: 8080 }], true],
  ['another name', [{ name: 'web', port: 80 }], true],
  ['another protocol', [{ name: 'http', port: 80, appProtocol: 'grpc' }], true],
  ['one more', [...http, { name: 'admin', port: 81 }], true],
  ['another target', [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }], false],
];
for (const [title, ports, disagrees] of disagreements) {
  test(`clusters whose ports have ${title} ${disagrees ? 'disagree' : 'agree'}`, async () => {
    const workload = {
      manifests: 'a.yaml',
      clusters: ['hub', 'edge'],
      callableFrom: 'all',
      patches: patchTo(ports),
    };
    const { findings } = await read({ 'a.yaml': service(http) }, [workload]);
    assert.equal(
      findings.map(({ code, file }) => `${file} ${code}`),
      disagrees ? ['mesh.yaml callable-disagrees'] : [],
    );
  });
}

test('workloads that bring one Service to different clusters have to agree as well', async () => {
  const files = { 'a.yaml': service(http), 'b.yaml': service([{ name: 'web', port: 80 }]) };
  const workloads = [
    { manifests: 'a.yaml', clusters: ['hub'], callableFrom: ['far'] },
    { manifests: 'b.yaml', clusters: ['edge'] },
  ];
  const { found, findings } = await read(files, workloads);
  assert.equal(found, ['b.yaml:1:120 callable-disagrees']);
  assert.match(findings[0]?.message ?? '', 'are web 80 here and http 80 in a.yaml:1');
  const { callableFrom: _, ...uncalled } = workloads[0] ?? {};
  const alone = await read(files, [uncalled, ...workloads.slice(1)]);
  assert.equal(
    alone.findings.map(({ code }) => code),
    ['port-names'],
    'a warning, for nobody was promised more',
  );
});

test.run();
