import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { TRAFFIC_REASONS } from '../../../src/model/traffic.js';
import { parseAccessLog } from '../../../src/traffic/access-log.js';
import type { CurlResult } from '../../../src/traffic/curl.js';
import { HINTS, reasonOf } from '../../../src/traffic/reasons.js';

const test = suite('why a request failed');

const result = (fields: Partial<CurlResult>): CurlResult => ({
  status: 503,
  exitCode: 0,
  seconds: 0.1,
  error: '',
  body: '',
  ...fields,
});

const TAIL = (flags: string, details: string, transport = '-') =>
  `[2026-11-25T03:46:51.000Z] "GET /hostname?n=1 HTTP/1.1" 503 ${flags} ${details} - "${transport}" 0 19 0 - "-" "curl/8.14.1" "0b2c" "only-c2" "-" outbound|80||only-c2.t.svc.cluster.local - 10.151.3.4:80 10.101.0.9:40128 - default`;

// Bodies, flags and details as Envoy 1.40 gave them on the lab.
const told: [what: string, result: Partial<CurlResult>, line: string, reason: string, detail: RegExp][] = [
  [
    'no endpoint',
    { body: 'no healthy upstream' },
    TAIL('UH', 'no_healthy_upstream'),
    'no-endpoint',
    /503 UH: no healthy/,
  ],
  [
    'a policy',
    { status: 403, body: 'RBAC: access denied' },
    TAIL('-', 'via_upstream').replace(' 503 ', ' 403 '),
    'denied',
    /^HTTP 403: RBAC: access denied/,
  ],
  [
    'plaintext against STRICT',
    {
      body: 'upstream connect error or disconnect/reset before headers. reset reason: connection termination',
    },
    TAIL('UC', 'upstream_reset_before_response_started{connection_termination}'),
    'reset',
    /503 UC/,
  ],
  [
    'certificates of another root',
    {
      body: 'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure',
    },
    TAIL(
      'UF,URX',
      'upstream_reset_before_response_started{remote_connection_failure}',
      'TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end',
    ),
    'tls',
    /UF,URX.*CERTIFICATE_VERIFY_FAILED/,
  ],
  [
    'a port where nobody listens',
    {
      body: 'upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, transport failure reason: delayed connect error: Connection refused',
    },
    TAIL('UF,URX', 'upstream_reset_before_response_started{remote_connection_failure}'),
    'refused',
    /Connection refused/,
  ],
  [
    'packets that get lost',
    { body: 'upstream connect error or disconnect/reset before headers. reset reason: connection timeout' },
    TAIL('UF,URX', 'upstream_reset_before_response_started{connection_timeout}'),
    'timeout',
    /connection timeout/,
  ],
  [
    'no route',
    { status: 404 },
    TAIL('NR', 'route_not_found').replace(' 503 ', ' 404 '),
    'no-route',
    /404 NR/,
  ],
  [
    'a server that fails',
    { status: 500, body: 'oops' },
    TAIL('-', 'via_upstream').replace(' 503 ', ' 500 '),
    'http-status',
    /500/,
  ],
];

for (const [what, given, line, reason, detail] of told) {
  test(`${what}: ${reason}`, () => {
    const [read] = parseAccessLog(line);
    assert.is(read?.authority, 'only-c2');
    const found = reasonOf(result(given), read);
    assert.is(found.reason, reason);
    assert.match(found.detail, detail);
  });
}

for (const [exitCode, reason] of [
  [6, 'dns'],
  [7, 'refused'],
  [28, 'timeout'],
  [52, 'reset'],
  [56, 'reset'],
  [3, 'http-status'],
] as const) {
  test(`curl ends with ${exitCode}: ${reason}`, () => {
    const found = reasonOf(result({ status: 0, exitCode, error: 'words of curl' }), undefined);
    assert.equal(found, { reason, detail: `curl ${exitCode}: words of curl` });
  });
}

test('without an access log the body is enough', () => {
  assert.is(reasonOf(result({ body: 'no healthy upstream' }), undefined).reason, 'no-endpoint');
});

test('an access log in JSON tells the same', () => {
  const line = JSON.stringify({
    response_code: 503,
    response_flags: 'UH',
    response_code_details: 'no_healthy_upstream',
    upstream_transport_failure_reason: null,
    authority: 'only-c2',
  });
  assert.equal(parseAccessLog(`warning: not a line\n${line}\n{broken`), [
    { status: 503, flags: 'UH', details: 'no_healthy_upstream', authority: 'only-c2' },
  ]);
});

test('a long body is cut', () => {
  assert.ok(reasonOf(result({ body: 'x'.repeat(5_000) }), undefined).detail.length < 300);
});

test('every reason has a hint that says where', () => {
  for (const reason of TRAFFIC_REASONS) {
    assert.match(HINTS[reason]('one', 'two', 'hub'), /one|two/, reason);
  }
});

test.run();
