import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { binomialBounds } from '../../src/traffic/statistics.js';
import { ask, countOf, podsOf, type Question, type Reply, statusesOf } from '../support/ask.js';
import { type Lab, labUp } from '../support/lab.js';
import { until } from '../support/until.js';

const CATALOG = 'catalog.production.svc.cluster.local';
/** In the path of the mirrored requests, to find their copies. */
const MARKER = randomBytes(8).toString('hex');
/** A delay of the example is half a second; timers may be a little early, and nothing else takes so long. */
const DELAYED_S = 0.4;
/** Envoy writes its access log every second. */
const LOG_MS = 2_500;

let lab: Lab;
const asked = (count: number, more: Partial<Question> = {}) =>
  ask(lab, { from: { cluster: 'cluster-1', app: 'frontend' }, count, ...more });
const isV1 = ({ body }: Reply) => body.startsWith('backend-v1-');
const isV2 = ({ body }: Reply) => body.startsWith('backend-v2-');

/** Asserts a count of independent draws, within the exact 99.9 % bound, and prints it. */
function assertShare(what: string, found: number, of: number, share: number): void {
  const { low, high } = binomialBounds(of, share);
  console.log(`${found} of ${of} ${what}; ${low} to ${high} may be`);
  assert.ok(found >= low && found <= high, `${found} of ${of} ${what}, not ${low} to ${high}`);
}

async function apply(): Promise<string> {
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  return stderr;
}

/** The lines of the access logs of an app's sidecars in a cluster. */
async function accessLog(cluster: string, app: string): Promise<string[]> {
  const selected = ['-n', 'production', 'logs', '-l', `app=${app}`, '-c', 'istio-proxy', '--tail=-1'];
  return (await lab.kubectl(cluster, ...selected)).split('\n');
}

test('the example traffic is applied without a warning, and its hosts answer', async () => {
  lab = await labUp({ example: 'traffic', level: 2 });
  assert.not.match(await apply(), 'warning');
  for (const host of [undefined, CATALOG]) {
    await until(
      'answers',
      () => asked(10, host ? { host } : {}),
      (replies) => statusesOf(replies)['200'] === 10,
    );
  }
});

test('any map of a match list leads to v2, a method to v1', async () => {
  assert.is(countOf(await asked(20, { headers: ['x-beta: true'] }), isV2), 20);
  assert.is(countOf(await asked(20, { path: '/hostname?beta=true' }), isV2), 20);
  assert.is(countOf(await asked(30, { method: 'POST' }), isV1), 30);
});

test('a fault delays and aborts its shares of the requests', async () => {
  const replies = await asked(100, { headers: ['x-chaos: true'] });
  const aborted = countOf(
    replies,
    ({ status, body }) => status === '503' && body.includes('fault filter abort'),
  );
  assert.is(aborted + countOf(replies, ({ status }) => status === '200'), 100);
  assertShare('aborted', aborted, 100, 0.2);
  assertShare(
    'delayed',
    countOf(replies, ({ seconds }) => seconds >= DELAYED_S),
    100,
    0.5,
  );
});

test('a mirror gets copies of its share, whatever the case of the path; callers notice nothing', async () => {
  assert.equal(statusesOf(await asked(200, { path: `/API/${MARKER}` })), { 200: 200 });
  await sleep(LOG_MS);
  const copies = (await accessLog('cluster-2', 'shadow')).filter((line) => line.includes(MARKER));
  assertShare('copied', copies.length, 200, 0.25);
});

test('distribute sends four of five requests to the own region, from each cluster', async () => {
  for (const [cluster, share] of [
    ['cluster-1', 0.8],
    ['cluster-2', 0.2],
  ] as const) {
    const replies = await asked(200, { host: CATALOG, from: { cluster, app: 'frontend' } });
    assert.equal(statusesOf(replies), { 200: 200 });
    const pods = new Set((await podsOf(lab, 'cluster-1', 'catalog')).map(({ name }) => name));
    assertShare(
      `of ${cluster} by cluster-1`,
      countOf(replies, ({ body }) => pods.has(body)),
      200,
      share,
    );
  }
});

const seenCertificates = () => asked(5, { host: CATALOG, path: '/header?key=X-Forwarded-Client-Cert' });

test('with ISTIO_MUTUAL the server sees who calls', async () => {
  for (const { body } of await seenCertificates())
    assert.match(body, 'URI=spiffe://cluster.local/ns/production');
});

test('what is over the connection pool of a subset is answered with 503 and the flag UO', async () => {
  const file = join(lab.folder, 'mesh.yaml');
  const text = await readFile(file, 'utf8');
  const narrow = text
    .replace(
      'maxConnections: 10 }, http: { http1MaxPendingRequests: 10 }',
      'maxConnections: 1 }, http: { http1MaxPendingRequests: 1 }',
    )
    .replace('ISTIO_MUTUAL }', 'DISABLE }')
    .replace('          fault:', '          timeout: 200ms\n$&');
  await writeFile(file, narrow);
  const warned = await apply();
  assert.match(warned, 'mtls-off');
  assert.match(warned, 'fault-before-limits');
  const overflow = () => asked(40, { headers: ['x-beta: true'], together: true });
  const replies = await until('an overflow', overflow, (seen) => (statusesOf(seen)['503'] ?? 0) > 0);
  const { 200: answered = 0, 503: refused = 0 } = statusesOf(replies);
  console.log(`${answered} answered, ${refused} over the pool`);
  assert.is(answered + refused, 40);
  assert.ok(answered > 0);
  // The subset's limits are its own.
  assert.equal(statusesOf(await asked(40, { method: 'POST', together: true })), { 200: 40 });
  await sleep(LOG_MS);
  const flagged = (await accessLog('cluster-1', 'frontend')).filter((line) => / 503 UO /.test(line));
  assert.ok(flagged.length >= refused, `${flagged.length} lines with UO`);
});

test('with DISABLE the server sees nobody', async () => {
  const replies = await until(
    'plaintext',
    seenCertificates,
    (seen) => countOf(seen, ({ body }) => body === '') === 5,
  );
  assert.equal(statusesOf(replies), { 200: 5 });
});

test('a timeout does not cut the delay of a fault, as the warning said', async () => {
  const replies = await asked(20, { headers: ['x-chaos: true'] });
  // By chance none in twenty: 0.6 to the power of twenty.
  assert.ok(countOf(replies, ({ status, seconds }) => status === '200' && seconds >= DELAYED_S) > 0);
});

test('verify --traffic is not misled by what is declared for other hosts', async () => {
  const { code, stdout, stderr } = await lab.meshplan('verify', '--traffic');
  assert.is(code, 0, stdout + stderr);
});

test('the lab goes without a trace', () => lab.down());

test.run();
