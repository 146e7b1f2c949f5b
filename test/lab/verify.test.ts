import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../src/errors/index.js';
import { connectClusters } from '../../src/kube/kubeconfig.js';
import { createPortForward } from '../../src/kube/port-forward.js';
import type { Check, VerifyReport } from '../../src/model/verify.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'meshplan-verify-'));
const mesh = join(folder, 'mesh.yaml');
const lab = join(folder, 'lab');

interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

function run(command: string, args: string[]): Answer {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: folder });
  return { code: status, stdout, stderr };
}

const meshplan = (...args: string[]) => run(process.execPath, [join(root, 'bin', 'meshplan.js'), ...args]);
const inLab = (...args: string[]) => meshplan('lab', 'exec', '--dir', lab, '--', ...args);

/** kubectl in one cluster; a failure fails the test. */
function kubectl(cluster: string, ...args: string[]): string {
  const answer = inLab('kubectl', '--context', cluster, ...args);
  assert.is(answer.code, 0, answer.stderr);
  return answer.stdout;
}

function verify(): { code: number | null; report: VerifyReport; text: string } {
  const answer = inLab(
    process.execPath,
    join(root, 'bin', 'meshplan.js'),
    'verify',
    '-f',
    mesh,
    '-o',
    'json',
  );
  assert.ok(answer.stdout.startsWith('{'), answer.stderr);
  const report = JSON.parse(answer.stdout) as VerifyReport;
  return { code: answer.code, report, text: answer.stdout + answer.stderr };
}

const named = (checks: Check[]) => checks.map(({ id, cluster }) => `${id} ${cluster}`).sort();
const withStatus = (report: VerifyReport, status: Check['status']) =>
  report.checks.filter((check) => check.status === status);
const find = (report: VerifyReport, id: string, cluster: string) =>
  report.checks.find((check) => check.id === id && check.cluster === cluster);

function cleanUp(): void {
  meshplan('lab', 'down', '--dir', lab);
  rmSync(folder, { recursive: true, force: true });
}
process.once('SIGTERM', () => {
  cleanUp();
  process.exit(143);
});

test('a mesh that was just applied passes every check', () => {
  cpSync(join(root, 'examples', 'primary-remote'), folder, { recursive: true });
  const up = meshplan('lab', 'up', '-f', mesh, '--dir', lab);
  assert.is(up.code, 0, up.stderr);
  const apply = inLab(process.execPath, join(root, 'bin', 'meshplan.js'), 'apply', '-y', '-f', mesh);
  assert.is(apply.code, 0, apply.stderr);
  const { code, report } = verify();
  assert.is(code, 0);
  assert.ok(report.ok);
  assert.equal(named(report.checks), named(withStatus(report, 'pass')));
  assert.is(report.checks.length, 20);
  const analyzed = find(report, 'analyze', 'cluster-1');
  // The subset v2 of the example has no pods, and mesh.yaml's own warning says so.
  assert.match(
    analyzed?.evidence ?? '',
    /^nothing found; 1 more, of subsets without pods, left to the lint rule empty-subset/,
  );
});

test('a port-forward reaches istiod, and its failures are errors with a hint', async () => {
  const request = { name: 'cluster-1', context: 'cluster-1' };
  const connections = await connectClusters([request], join(lab, 'kubeconfig'));
  const forward = createPortForward(connections);
  const pods = kubectl('cluster-1', '-n', 'istio-system', 'get', 'pods', '-l', 'app=istiod', '-o', 'name');
  const pod = pods.split('\n')[0]?.replace('pod/', '') ?? '';
  const target = { namespace: 'istio-system', pod, port: 8080 };
  assert.match(await forward('cluster-1', target, '/debug/clusterz'), '"cluster-2"');
  for (const [wrong, path, expected] of [
    [target, '/no-such-page', /answers 404/],
    [{ ...target, pod: 'no-such-pod' }, '/', /no-such-pod/],
    [{ ...target, port: 9 }, '/', /:9/],
  ] as const) {
    const error = await forward('cluster-1', wrong, path).catch((thrown: unknown) => thrown);
    assert.instance(error, MeshplanError);
    const { code, message, hint } = error as MeshplanError;
    assert.is(code, 'port-forward-failed');
    assert.match(message, expected);
    assert.ok(hint);
  }
  for (const { cluster } of connections.values()) cluster.close();
});

test('each thing that is broken fails its own check, and no token is shown', () => {
  const secret = ['-n', 'istio-system', 'get', 'secret'];
  const name = 'istio-reader-service-account-istio-remote-secret-token';
  const encoded = kubectl('cluster-2', ...secret, name, '-o', 'jsonpath={.data.token}');
  const token = Buffer.from(encoded, 'base64').toString('utf8');
  assert.ok(token.length > 100);
  kubectl('cluster-2', 'delete', 'clusterrolebinding', 'istio-reader-clusterrole-istio-system');
  kubectl('cluster-2', 'label', 'namespace', 'production', 'istio-injection-');
  const cacerts = kubectl('cluster-1', ...secret, 'cacerts', '-o', 'jsonpath={.data.ca-cert\\.pem}');
  const patch = JSON.stringify({ data: { 'root-cert.pem': cacerts } });
  kubectl('cluster-2', '-n', 'istio-system', 'patch', 'secret', 'cacerts', '-p', patch);
  const { code, report, text } = verify();
  assert.is(code, 1);
  assert.not.ok(report.ok);
  assert.match(find(report, 'remote-secret', 'cluster-2')?.evidence ?? '', 'get, list, watch services');
  assert.match(find(report, 'injection', 'cluster-2')?.evidence ?? '', 'only the containers probe');
  assert.match(find(report, 'one-root', 'cluster-2')?.evidence ?? '', 'Secret cacerts has');
  for (const check of withStatus(report, 'fail')) assert.ok(check.hint, check.id);
  for (const id of ['remote-secret', 'injection', 'one-root']) {
    assert.is(find(report, id, 'cluster-2')?.status, 'fail', id);
  }
  for (const id of ['injection', 'one-root', 'istiod-ready', 'exposure-tls']) {
    assert.is(find(report, id, 'cluster-1')?.status, 'pass', id);
  }
  for (const canary of [token, encoded]) assert.not.ok(text.includes(canary));
});

test('a cluster that does not answer fails once, and what needs it is skipped', () => {
  assert.is(meshplan('lab', 'stop', 'cluster-2', '--dir', lab).code, 0);
  const { code, report } = verify();
  assert.is(code, 1);
  assert.is(find(report, 'cluster-reachable', 'cluster-2')?.status, 'fail');
  for (const id of ['version-supported', 'clock-skew', 'one-root', 'remote-secret', 'injection']) {
    assert.is(find(report, id, 'cluster-2')?.status, 'skip', id);
  }
  for (const id of ['cluster-reachable', 'istiod-ready', 'one-root', 'injection', 'cluster-synced']) {
    assert.is(find(report, id, 'cluster-1')?.status, 'pass', id);
  }
});

test('the lab goes without a trace', () => {
  assert.is(meshplan('lab', 'down', '--dir', lab).code, 0);
  rmSync(folder, { recursive: true, force: true });
});

test.run();
