import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../src/errors/index.js';
import { connectClusters } from '../../src/kube/kubeconfig.js';
import { openPortForwards } from '../../src/kube/port-forward.js';
import type { Check, VerifyReport } from '../../src/model/verify.js';
import { type Lab, labUp } from '../support/lab.js';
import { type ConnectedProxy, connectProxy } from '../support/proxy.js';
import { MESHPLAN, type Running, run } from '../support/run.js';

let lab: Lab;

async function verify(): Promise<{ code: number | null; report: VerifyReport; text: string }> {
  const { code, stdout, stderr } = await lab.meshplan('verify', '-o', 'json');
  assert.ok(stdout.startsWith('{'), stderr);
  return { code, report: JSON.parse(stdout) as VerifyReport, text: stdout + stderr };
}

/** A command on the lab itself. */
async function onLab(...args: string[]): Promise<void> {
  const answer = await run([process.execPath, MESHPLAN, 'lab', ...args, '--dir', lab.dir], { env: lab.env });
  assert.is(answer.code, 0, answer.stderr);
}

const named = (checks: Check[]) => checks.map(({ id, cluster }) => `${id} ${cluster}`).sort();
const withStatus = (report: VerifyReport, status: Check['status']) =>
  report.checks.filter((check) => check.status === status);
const find = (report: VerifyReport, id: string, cluster: string) =>
  report.checks.find((check) => check.id === id && check.cluster === cluster);

test('a mesh that was just applied passes every check', async () => {
  lab = await labUp({ example: 'primary-remote' });
  const apply = await lab.meshplan('apply', '-y');
  assert.is(apply.code, 0, apply.stderr);
  const { code, report } = await verify();
  assert.is(code, 0);
  assert.ok(report.ok);
  assert.equal(named(report.checks), named(withStatus(report, 'pass')));
  assert.is(report.checks.length, 22);
  const analyzed = find(report, 'analyze', 'cluster-1');
  // The subset v2 of the example has no pods, and mesh.yaml's own warning says so.
  assert.match(
    analyzed?.evidence ?? '',
    /^nothing found; 1 more, of subsets without pods, left to the lint rule empty-subset/,
  );
});

test('a port-forward reaches istiod, and its failures are errors with a hint', async () => {
  const request = { name: 'cluster-1', context: 'cluster-1' };
  const connections = await connectClusters([request], lab.env.KUBECONFIG);
  const forwards = openPortForwards(connections);
  const pods = await lab.kubectl(
    'cluster-1',
    '-n',
    'istio-system',
    'get',
    'pods',
    '-l',
    'app=istiod',
    '-o',
    'name',
  );
  const pod = pods.split('\n')[0]?.replace('pod/', '') ?? '';
  const target = { namespace: 'istio-system', pod, port: 8080 };
  // The second goes through what the first has opened.
  for (let turn = 0; turn < 2; turn += 1)
    assert.match(await forwards.get('cluster-1', target, '/debug/clusterz'), '"cluster-2"');
  for (const [wrong, path, expected] of [
    [target, '/no-such-page', /answers 404/],
    [{ ...target, pod: 'no-such-pod' }, '/', /no-such-pod/],
    [{ ...target, port: 9 }, '/', /:9/],
  ] as const) {
    const error = await forwards.get('cluster-1', wrong, path).catch((thrown: unknown) => thrown);
    assert.instance(error, MeshplanError);
    const { code, message, hint } = error as MeshplanError;
    assert.is(code, 'port-forward-failed');
    assert.match(message, expected);
    assert.ok(hint);
  }
  forwards.close();
  for (const { cluster } of connections.values()) cluster.close();
});

const proxies: Record<string, ConnectedProxy> = {};
let watcher: Running;
const REJECTION = 'Error adding/updating listener(s) virtualInbound: Proto constraint validation failed';

test('proxies are counted by cluster, and those that are not synced are named', async () => {
  for (const [name, cluster, address] of [
    ['web-1', 'cluster-1', '10.9.0.1'],
    ['api-1', 'cluster-2', '10.9.0.2'],
    ['api-2', 'cluster-2', '10.9.0.3'],
    ['api-3', 'cluster-2', '10.9.0.4'],
  ] as const) {
    const pod = { cluster, namespace: 'production', name, address };
    proxies[name] = await connectProxy(lab, 'cluster-1', pod, 'acks');
  }
  watcher = lab.start(['verify', '--watch', '--interval', '1s']);
  await watcher.shows('Watching');
  proxies['api-2']?.turn('silent');
  proxies['api-3']?.turn({ rejects: REJECTION });
  // istiod pushes to all of them for a Service.
  await lab.kubectl('cluster-1', '-n', 'production', 'create', 'service', 'clusterip', 'more', '--tcp=80');
  await watcher.shows('cluster-2: 3 proxies, 1 synced (was 3), 1 stale (was 0), 1 rejected (was 0)');
  // Each takes the time that checks have to come right.
  const [{ code, report }, { stdout }] = await Promise.all([verify(), lab.meshplan('verify', '--no-color')]);
  assert.is(code, 1);
  assert.is(find(report, 'proxies-synced', 'cluster-1')?.status, 'pass');
  const check = find(report, 'proxies-synced', 'cluster-2');
  assert.is(check?.status, 'fail');
  assert.match(
    check?.evidence ?? '',
    `api-3.production rejected LDS (${REJECTION}); api-2.production has not`,
  );
  const rows = report.proxies.map(({ cluster, counts, versions }) => ({ cluster, ...counts, versions }));
  const counts = { notSent: 0, stale: 0, rejected: 0 };
  assert.equal(rows, [
    { cluster: 'cluster-1', ...counts, connected: 1, synced: 1, versions: { '1.31.0': 1 } },
    {
      cluster: 'cluster-2',
      ...counts,
      connected: 3,
      synced: 1,
      stale: 1,
      rejected: 1,
      versions: { '1.31.0': 3 },
    },
  ]);
  assert.match(stdout, /\nCLUSTER +ISTIOD +PROXIES .*\ncluster-1 +cluster-1 \(1\.31-dev\) +1 +1 +0 /);
  assert.match(stdout, /\ncluster-2 {2}api-2\.production {2}stale {2}CDS, LDS since 20/);
});

test('--watch tells what changes, a cluster that goes and comes back too, and Ctrl-C ends it', async () => {
  for (const name of ['api-2', 'api-3']) proxies[name]?.turn('acks');
  await watcher.shows('cluster-2: 3 proxies, 3 synced (was 1), 0 stale (was 1), 0 rejected (was 1)');
  proxies['api-1']?.close();
  await watcher.shows('cluster-2: 2 proxies (was 3), 2 synced (was 3)');
  await onLab('stop', 'cluster-2');
  const stopped = performance.now();
  await watcher.shows('cluster-2: cluster-reachable FAIL (was pass): the API server does not answer');
  assert.ok(performance.now() - stopped < 3_000);
  await onLab('start', 'cluster-2');
  await watcher.shows('cluster-2: cluster-reachable pass (was fail)');
  const told = performance.now();
  watcher.kill('SIGINT');
  const { code, stdout, stderr } = await watcher.answer;
  assert.is(code, 130);
  assert.ok(performance.now() - told < 1_000);
  assert.match(stdout, /\n\d\d:\d\d:\d\d cluster-2: 2 proxies/);
  assert.is(stderr.trim(), 'Watching, every 1 s: a line for each change.');
  for (const proxy of Object.values(proxies)) proxy.close();
});

test('--watch -o json is a report a line, and ends when nobody reads on', async () => {
  const command = [process.execPath, MESHPLAN, 'verify', '--watch', '--interval=1s', '-o', 'json'].join(' ');
  const answer = await lab.run('bash', '-c', `set -o pipefail; ${command} | head -n 2`);
  assert.is(answer.code, 0, answer.stderr);
  const looks = answer.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(
    looks.map(({ look, ok, checks }) => `${look} ${ok} ${checks.length}`),
    ['all true 22', 'status true 7'],
  );
  const refused = await lab.meshplan('verify', '--watch', '--traffic');
  assert.is(refused.code, 3);
  assert.match(refused.stderr, "option '--watch' cannot be used with option '--traffic'");
});

test('each thing that is broken fails its own check, and no token is shown', async () => {
  const secret = ['-n', 'istio-system', 'get', 'secret'];
  const name = 'istio-reader-service-account-istio-remote-secret-token';
  const encoded = await lab.kubectl('cluster-2', ...secret, name, '-o', 'jsonpath={.data.token}');
  const token = Buffer.from(encoded, 'base64').toString('utf8');
  assert.ok(token.length > 100);
  await lab.kubectl('cluster-2', 'delete', 'clusterrolebinding', 'istio-reader-clusterrole-istio-system');
  await lab.kubectl('cluster-2', 'label', 'namespace', 'production', 'istio-injection-');
  const cacerts = await lab.kubectl(
    'cluster-1',
    ...secret,
    'cacerts',
    '-o',
    'jsonpath={.data.ca-cert\\.pem}',
  );
  const patch = JSON.stringify({ data: { 'root-cert.pem': cacerts } });
  await lab.kubectl('cluster-2', '-n', 'istio-system', 'patch', 'secret', 'cacerts', '-p', patch);
  const { code, report, text } = await verify();
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

test('a cluster that does not answer fails once, and what needs it is skipped', async () => {
  await onLab('stop', 'cluster-2');
  const { code, report } = await verify();
  assert.is(code, 1);
  assert.is(find(report, 'cluster-reachable', 'cluster-2')?.status, 'fail');
  for (const id of ['version-supported', 'clock-skew', 'one-root', 'remote-secret', 'injection']) {
    assert.is(find(report, id, 'cluster-2')?.status, 'skip', id);
  }
  for (const id of ['cluster-reachable', 'istiod-ready', 'one-root', 'injection', 'cluster-synced']) {
    assert.is(find(report, id, 'cluster-1')?.status, 'pass', id);
  }
});

test('the lab goes without a trace', async () => {
  await lab.down();
});

test.run();
