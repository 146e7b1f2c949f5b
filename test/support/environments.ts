import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { ProofReport } from '../../src/proof/report.js';
import { formatReport } from '../../src/proof/report-file.js';
import type { Lab } from './lab.js';
import type { Answer } from './run.js';

/** The clusters of both environments of the example, by their contexts. */
export const ALL_CLUSTERS = `apiVersion: meshplan/v1
kind: Mesh
metadata: { name: shop }
spec:
  istio: { version: "1.31" }
  clusters:
    - { name: staging-hub, role: primary, locality: { region: eu-central-1 } }
    - { name: staging-edge, role: remote, primary: staging-hub, locality: { region: eu-west-1 } }
    - { name: production-hub, role: primary, locality: { region: us-east-1 } }
    - { name: production-edge, role: remote, primary: production-hub, locality: { region: us-west-2 } }
`;

const REPORT = 'reports/staging.json';
const STAGING = ['--env', 'staging'];
const PRODUCTION = ['--env', 'production'];

/** The same mesh with other names and places, and a remote more, which does not answer. */
const RENAMED = `
- { op: replace, path: /spec/clusters/0/name, value: main }
- { op: replace, path: /spec/clusters/1/name, value: east }
- { op: replace, path: /spec/clusters/1/locality/region, value: us-east-2 }
- { op: replace, path: /spec/traffic/0/failover/0/to, value: us-east-2 }
- { op: add, path: /spec/clusters/0/network, value: core }
- { op: add, path: /spec/clusters/1/network, value: core }
- { op: add, path: /spec/clusters/-, value: { name: west, kubeconfig: west.yaml, role: remote, network: core } }
`;

const WEST = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [{ name: 'west', cluster: { server: 'https://127.0.0.1:1' } }],
  users: [{ name: 'west', user: { token: 'none' } }],
  contexts: [{ name: 'west', context: { cluster: 'west', user: 'west' } }],
});

/** Names an image that staging has not seen, an Istio value, and an object. */
const CHANGED = `
- { op: add, path: /spec/istio/tag, value: 1.31-other }
- { op: add, path: /spec/workloads/1/patches/-, value: { target: { kind: Deployment, name: cart }, json: [{ op: replace, path: /spec/template/spec/containers/0/image, value: cart:v2 }] } }
- { op: add, path: /spec/workloads/-, value: { manifests: filter.yaml, clusters: [hub] } }
`;
const FILTER = `apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: { name: sneaky, namespace: store }
spec: { configPatches: [] }
`;

/** examples/environments, applied to staging: what production then takes, and what it refuses. */
export async function lookAtEnvironments(lab: Lab): Promise<void> {
  const unproved = await lab.meshplan('apply', '-y', ...PRODUCTION);
  assertRefused(unproved, /mesh\.yaml:\d+:\d+ error not-proven reports\/staging\.json is not there/);
  const partial = ['--target', 'hub/traffic/**', '--report', REPORT];
  assertRefused(await lab.meshplan('apply', '-y', ...STAGING, ...partial), /report-partial/);

  const proved = await lab.meshplan('apply', '-y', ...STAGING, '--report', REPORT);
  assert.is(proved.code, 0, proved.stdout + proved.stderr);
  assert.match(proved.stderr, /Proved; written to reports\/staging\.json, digest sha256:/);
  const report = JSON.parse(await readFile(join(lab.folder, REPORT), 'utf8')) as ProofReport;
  assert.ok(!JSON.stringify(report).includes('PRIVATE KEY'));

  await assertForgeriesRefused(lab, report);
  await assertDifferencesNamed(lab);
  await assertAstrayTold(lab);
  await assertSavedPlanBound(lab, report);
  await assertApart(lab);
}

const write = (lab: Lab, report: ProofReport, changes: Partial<ProofReport> = {}): Promise<string> =>
  lab.write(REPORT, formatReport({ ...report, ...changes }).text);

/** Edited, stale in two ways, of another mesh of the same name. */
async function assertForgeriesRefused(lab: Lab, report: ProofReport): Promise<void> {
  const refused = async (reason: RegExp) =>
    assertRefused(await lab.meshplan('apply', '-y', ...PRODUCTION), reason);
  await lab.write(REPORT, JSON.stringify({ ...report, environment: 'staging', mesh: 'other' }));
  await refused(/was changed after it was written/);
  await write(lab, report, { mesh: 'other' });
  await refused(/is of mesh other, and staging is shop/);
  await write(lab, report, { state: { ...report.state, lineage: '0b7c1f64-0a3e-4d52-9c6e-2f1f7a1c9d11' } });
  await refused(/is of another staging/);
  await write(lab, report, {
    time: new Date(Date.now() - 80 * 3_600_000).toISOString(),
    state: { ...report.state, serial: report.state.serial - 1 },
  });
  await refused(/is stale: it was written 3 days ago[\s\S]*is stale: staging was changed since/);
  await write(lab, report);
}

async function assertDifferencesNamed(lab: Lab): Promise<void> {
  await lab.write('filter.yaml', FILTER);
  const changed = await lab.write('changed.yaml', CHANGED);
  const { code, stderr } = await lab.meshplan('apply', '-y', ...PRODUCTION, '--overlay', changed);
  assert.is(code, 3, stderr);
  const image = 'apps/v1/Deployment/store/cart /spec/template/spec/containers/0/image';
  assert.match(stderr, `edge/${image} is "cart:v2", and staging proved "cart:v1" (in edge)`);
  assert.match(stderr, 'hub/networking.istio.io/v1alpha3/EnvoyFilter/store/sneaky is not in staging');
  assert.match(stderr, /Deployment\/istio-system\/istiod \S+ is "[^"]*:1\.31-other"/);
  await lab.write('west.yaml', WEST);
  const renamed = await lab.write('renamed.yaml', RENAMED);
  const plan = await lab.meshplan('plan', ...PRODUCTION, '--overlay', renamed);
  assert.match(plan.stderr, 'cluster west cannot be read');
  assert.not.match(plan.stderr, 'not-proven');
}

/** A context of production that leads to staging. */
async function assertAstrayTold(lab: Lab): Promise<void> {
  const astray = await lab.write(
    'astray.yaml',
    '[{ op: replace, path: /spec/clusters/1/context, value: staging-edge }]\n',
  );
  const { stderr } = await lab.meshplan('plan', ...PRODUCTION, '--overlay', astray);
  assert.match(stderr, 'cluster-of-environment context staging-edge leads to a cluster of staging');
}

/** A saved plan is judged again when it is carried out, and only in its environment. */
async function assertSavedPlanBound(lab: Lab, report: ProofReport): Promise<void> {
  const saved = await lab.meshplan('plan', ...PRODUCTION, '--out', 'mesh.plan');
  assert.is(saved.code, 0, saved.stderr);
  assert.not.match(saved.stderr, 'not-proven');
  assert.match(saved.stdout, 'Environment: production\nOverlays in force: overlays/production.yaml');
  assertRefused(await lab.meshplan('apply', 'mesh.plan', '-y', ...STAGING), /plan-flags/);
  await rm(join(lab.folder, REPORT));
  const warned = await lab.meshplan('plan', ...PRODUCTION);
  assert.is(warned.code, 0, warned.stderr);
  assert.match(warned.stderr, /warning not-proven/);
  assertRefused(await lab.meshplan('apply', 'mesh.plan', '-y'), /not-proven/);
  await write(lab, report);
  const applied = await lab.meshplan('apply', 'mesh.plan', '-y');
  assert.is(applied.code, 0, applied.stdout + applied.stderr);
}

/** Each environment has its own state and its own root; roles they may have in common. */
async function assertApart(lab: Lab): Promise<void> {
  const [one, other] = await Promise.all(
    ['staging', 'production'].map(async (name) => ({
      state: JSON.parse(await readFile(join(lab.folder, `meshplan.${name}.state.json`), 'utf8')),
      root: await readFile(join(lab.folder, '.meshplan/ca/shop', name, 'root-cert.pem'), 'utf8'),
    })),
  );
  assert.is.not(one?.root, other?.root);
  assert.is.not(one?.state.lineage, other?.state.lineage);
  const { stderr } = await lab.meshplan('promote', 'edge', ...PRODUCTION);
  assert.match(stderr, 'promotion-environments the edit of the mesh file holds for staging too');
}

function assertRefused({ code, stdout, stderr }: Answer, reason: RegExp): void {
  assert.is(code, 3, stdout + stderr);
  assert.match(stderr, reason);
}
