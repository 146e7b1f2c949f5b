import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeClock } from '../../../src/verify/checks/clock-skew.js';
import { judgeSync } from '../../../src/verify/checks/cluster-synced.js';
import { judgePod, reasonOf } from '../../../src/verify/checks/injection.js';
import { judgeTargets, judgeWay } from '../../../src/verify/checks/injector-address.js';
import { judgeIstiod } from '../../../src/verify/checks/istiod-ready.js';
import { judgeRoots } from '../../../src/verify/checks/one-root.js';
import { judgeVersion } from '../../../src/verify/checks/version-supported.js';
import { judgeBuilds, judgeCharts } from '../../../src/verify/checks/versions-agree.js';
import { type Outcome, pass } from '../../../src/verify/outcome.js';
import { clockOf } from '../../../src/verify/probe.js';
import { describeRights } from '../../../src/verify/reader-rights.js';

/** Status, and a star where time may mend it. Failures must say what to do. */
function verdict(outcome: Outcome): string {
  if (outcome.status === 'fail' || outcome.status === 'warn') assert.ok(outcome.hint);
  return outcome.status + (outcome.unsettled ? '*' : '');
}

test('the server must be one that Istio supports, whatever its vendor appends', () => {
  for (const version of ['v1.32.0', 'v1.33.1-gke.100', 'v1.36.2-eks-1']) {
    assert.is(verdict(judgeVersion(version, '1.30')), 'pass', version);
  }
  for (const version of ['unknown', 'v1.37.0', 'v2.0.0']) {
    assert.is(verdict(judgeVersion(version, '1.30')), 'warn', version);
  }
  assert.is(verdict(judgeVersion('v1.37.0', '1.31')), 'pass');
  assert.is(verdict(judgeVersion('v1.31.9', '1.31')), 'fail');
  assert.is(verdict(judgeVersion('v1.31.9', '1.29.1')), 'pass');
});

test('clocks may differ by a minute, and no intermediate may lie in the future', () => {
  const server = new Date('2026-03-01T12:00:00Z');
  const later = new Date('2026-03-01T12:00:01Z');
  assert.is(verdict(judgeClock(server, 400)), 'pass');
  assert.is(verdict(judgeClock(server, -60_400)), 'pass');
  assert.match(judgeClock(server, -61_000).evidence, '61 s behind this machine');
  assert.is(verdict(judgeClock(server, 61_000, server)), 'warn');
  assert.is(verdict(judgeClock(server, 0, later)), 'fail');
});

test('the Date header is compared with the local time, half a second given', () => {
  const local = Date.parse('2026-03-01T12:00:10Z');
  assert.is(clockOf('Sun, 01 Mar 2026 12:00:00 GMT', local).skewMs, -9_500);
  assert.equal(clockOf(undefined, local), {});
});

const deployment = (status: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'istiod', generation: 2 },
  spec: { replicas: 3 },
  status: { observedGeneration: 2, ...status },
});
const available = [{ type: 'Available', status: 'True' }];

test('istiod: all replicas pass, some warn, none fails', () => {
  const full = { availableReplicas: 3, updatedReplicas: 3, conditions: available };
  assert.is(verdict(judgeIstiod(deployment(full), 3)), 'pass');
  assert.is(verdict(judgeIstiod(deployment({ ...full, availableReplicas: 2 }), 3)), 'warn*');
  assert.is(verdict(judgeIstiod(deployment({ ...full, observedGeneration: 1 }), 3)), 'warn*');
  assert.is(verdict(judgeIstiod(deployment({ conditions: [] }), 3)), 'fail*');
  assert.is(verdict(judgeIstiod(undefined, 3)), 'fail');
  const none = judgeIstiod({ ...deployment({ conditions: available }), spec: { replicas: 0 } }, 3);
  assert.is(verdict(none), 'fail*');
  assert.match(none.evidence, 'scaled to 0');
});

test('a cluster is synced when every istiod says so', () => {
  const view = (pod: string, syncStatus: string) => ({ pod, entries: [{ id: 'cluster-2', syncStatus }] });
  const judge = (...views: Parameters<typeof judgeSync>[2]) => judgeSync('cluster-2', 'cluster-1', views);
  assert.is(verdict(judge(view('a', 'synced'), view('b', 'synced'))), 'pass');
  assert.is(verdict(judge(view('a', 'synced'), view('b', 'syncing'))), 'fail*');
  assert.is(verdict(judge(view('a', 'synced'), view('b', 'timeout'))), 'fail');
  const absent = judge({ pod: 'a', entries: [] });
  assert.is(verdict(absent), 'fail*');
  assert.match(absent.hint ?? '', 'istio-remote-secret-cluster-2');
});

test('every copy of the root must be the root; an absent one may still come', () => {
  const copy = (where: string, ...fingerprints: string[]) => ({ where, fingerprints, hint: 'mend it' });
  const own = copy('Secret cacerts', 'aa', 'bb');
  assert.is(verdict(judgeRoots(['aa', 'bb'], [own, copy('caBundle', 'aa', 'bb')])), 'pass');
  assert.is(verdict(judgeRoots(['aa', 'bb'], [own, copy('caBundle', 'aa')])), 'fail');
  assert.is(verdict(judgeRoots(['aa', 'bb'], [own, copy('caBundle')])), 'fail*');
  assert.is(verdict(judgeRoots(['aa', 'bb'], [{ ...own, fault: 'a wrong issuer' }])), 'fail');
  assert.is(verdict(judgeRoots([], [own])), 'fail');
});

test('the injector names cluster and network, by Service or by URL', () => {
  const path = '/inject/cluster/cluster-2/net/network1';
  const service = { name: 'w', service: { namespace: 'istio-system', name: 'istiod', path } };
  const url = { name: 'w', url: `https://lb.example.com:15017${path}` };
  assert.is(verdict(judgeTargets([service, service], path, '192.0.2.1')), 'pass');
  assert.is(verdict(judgeTargets([url], path, 'lb.example.com')), 'pass');
  assert.is(verdict(judgeTargets([url], path)), 'pass');
  assert.is(verdict(judgeTargets([url], path, 'new.example.com')), 'fail');
  assert.is(verdict(judgeTargets([{ ...service, service: { path: '/inject' } }], path)), 'fail');
  assert.is(verdict(judgeTargets([{ name: 'w', url: 'no url' }], path)), 'fail');
  assert.is(verdict(judgeTargets([], path)), 'fail');
});

test('a remote must look for istiod where it is exposed', () => {
  const judge = (way: string[], address?: string) => judgeWay(pass('4 webhooks'), way, address);
  assert.is(verdict(judge(['192.0.2.1'], '192.0.2.1')), 'pass');
  assert.is(verdict(judge(['192.0.2.1'])), 'pass');
  assert.is(verdict(judge([], '192.0.2.1')), 'fail');
  const moved = judge(['192.0.2.1'], 'lb.example.com');
  assert.is(verdict(moved), 'fail');
  assert.is(moved.evidence, 'Service istiod leads to 192.0.2.1, but istiod is exposed at lb.example.com');
});

test('a pod is judged by its proxy, be it a container or a native sidecar', () => {
  const cluster = { name: 'cluster-2', network: 'network1' };
  const env = (id: string) => [
    { name: 'ISTIO_META_CLUSTER_ID', value: id },
    { name: 'ISTIO_META_NETWORK', value: 'network1' },
  ];
  const pod = (spec: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec });
  const probe = { name: 'probe' };
  const proxy = (id: string) => ({ name: 'istio-proxy', env: env(id) });
  assert.is(verdict(judgePod(pod({ containers: [probe, proxy('cluster-2')] }), cluster)), 'pass');
  const native = { containers: [probe], initContainers: [proxy('cluster-2')] };
  assert.is(verdict(judgePod(pod(native), cluster)), 'pass');
  assert.is(verdict(judgePod(pod({ containers: [probe, proxy('cluster-1')] }), cluster)), 'fail');
  assert.is(verdict(judgePod(pod({ containers: [probe] }), cluster)), 'fail*');
});

test('a pod that is refused is told by what the API server says', () => {
  const failed = 'failed calling webhook "namespace.sidecar-injector.istio.io": failed to call webhook: ';
  const x509 = 'tls: failed to verify certificate: x509: ';
  assert.is(reasonOf(`${failed}Post "https://istiod": context deadline exceeded`), 'webhook');
  assert.is(reasonOf(`${failed}${x509}certificate signed by unknown authority`), 'webhook');
  for (const name of [
    "cannot validate certificate for 192.0.2.1 because it doesn't contain any IP SANs",
    'certificate is valid for istiod.istio-system.svc, not lb.example.com',
  ]) {
    assert.is(reasonOf(failed + x509 + name), 'certificate', name);
  }
  assert.is(reasonOf('pods "probe" is forbidden: exceeded quota: none'), 'refused');
});

test('running istiods must be the declared release or minor', () => {
  const judge = (version: string, declared: string) =>
    verdict(judgeBuilds([{ where: 'istiod-1', version }], declared));
  assert.is(judge('1.31-dev', '1.31'), 'pass');
  assert.is(judge('1.31.2', '1.31'), 'pass');
  assert.is(judge('1.31.2-distroless', '1.31.2'), 'pass');
  assert.is(judge('1.31-dev', '1.31.2'), 'fail');
  assert.is(judge('1.30.4', '1.31'), 'fail');
  assert.is(judge('latest', '1.31'), 'fail');
});

test("a remote's charts must be its primary's", () => {
  const chart = { version: '1.31.2', tag: '1.31.2' };
  assert.is(verdict(judgeCharts(chart, chart, 'cluster-1')), 'pass');
  assert.is(verdict(judgeCharts({ ...chart, version: '1.30.0' }, chart, 'cluster-1')), 'fail');
  assert.is(verdict(judgeCharts({ ...chart, tag: '1.30.0' }, chart, 'cluster-1')), 'warn');
  assert.is(verdict(judgeCharts(undefined, chart, 'cluster-1')), 'skip');
});

test('missing rights are named once for each resource', () => {
  const right = (group: string, resource: string, verb: string) => ({ group, resource, verb });
  const missing = [
    right('', 'pods', 'list'),
    right('', 'pods', 'watch'),
    right('authentication.k8s.io', 'tokenreviews', 'create'),
  ];
  assert.is(describeRights(missing), 'list, watch pods; create tokenreviews.authentication.k8s.io');
});

test.run();
