import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Check, VerifyReport } from '../../src/model/verify.js';
import { limitedAccount, rulesWithout } from '../support/account.js';
import { type Lab, labUp } from '../support/lab.js';
import { ROOT } from '../support/run.js';

let lab: Lab;

async function verify(...flags: string[]): Promise<{ code: number | null; checks: Check[] }> {
  const { code, stdout } = await lab.meshplan('verify', '-f', 'mended.yaml', '-o', 'json', ...flags);
  return { code, checks: (JSON.parse(stdout) as VerifyReport).checks };
}

const analysisIn = (checks: Check[]) => checks.find(({ id }) => id === 'analyze');

test("the guide's raw manifests, mended, make a mesh that a second plan finds whole", async () => {
  lab = await labUp({ example: 'primary-remote' });
  cpSync(join(ROOT, 'test', 'fixtures', 'guide'), lab.folder, { recursive: true });
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y', '-f', 'mended.yaml');
  assert.is(code, 0, stdout + stderr);
  const again = await lab.meshplan('plan', '-f', 'mended.yaml', '--detailed-exitcode');
  assert.is(again.code, 0, again.stdout);
  const { checks } = await verify();
  assert.equal(
    checks.filter(({ status }) => status !== 'pass'),
    [],
  );
  // The rules are written in v1beta1, and the subset v2 has no pods, as the manifest's own warning says.
  assert.match(analysisIn(checks)?.evidence ?? '', /^nothing found; 1 more, of subsets without pods, /);
});

/** Two rules that no manifest declares: one for a host that nobody has, and a second one for backend. */
const WRONG = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: wrong, namespace: production }
spec:
  hosts: [frontend.production.svc.cluster.local]
  http: [{ route: [{ destination: { host: nowhere.production.svc.cluster.local } }] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: second, namespace: production }
spec:
  hosts: [backend.production.svc.cluster.local]
  http: [{ route: [{ destination: { host: backend.production.svc.cluster.local } }] }]
`;

test('rules that somebody applies by hand are found by istioctl analyze, with our addresses', async () => {
  const file = await lab.write('wrong.yaml', WRONG);
  await lab.kubectl('cluster-1', 'apply', '-f', file);
  const { code, checks } = await verify();
  await lab.kubectl('cluster-1', 'delete', '-f', file);
  assert.is(code, 0);
  const warned = checks.filter(({ status }) => status !== 'pass');
  assert.equal(
    warned.map(({ id, cluster, status }) => `${id} ${cluster} ${status}`),
    ['analyze cluster-1 warn'],
  );
  const rule = 'cluster-1/networking.istio.io/v1/VirtualService/production';
  const ours = 'cluster-1/networking.istio.io/v1beta1/VirtualService/production/backend-route';
  const lines = warned[0]?.evidence.split('\n') ?? [];
  assert.ok(lines.some((line) => line.startsWith(`${rule}/wrong: `) && line.endsWith('(Error, IST0101)')));
  assert.ok(lines.some((line) => line.startsWith(`${ours}, ${rule}/second: `)));
  assert.match(warned[0]?.hint ?? '', /^See https:\/\/istio\.io\/\S+ist0101\/, \S+ist0109\/$/);
});

test('without the right to read Secrets it is not asked, and says so at once', async () => {
  const kubeconfig = await limitedAccount(lab, 'cluster-2', 'no-secrets', rulesWithout('secrets'));
  const { checks } = await verify('--kubeconfig', kubeconfig);
  const { status, evidence } = analysisIn(checks) ?? {};
  assert.is(status, 'skip');
  assert.match(evidence ?? '', /^cluster-2: your user may not list .*secrets/);
});

test('the lab goes without a trace', () => lab.down());

test.run();
