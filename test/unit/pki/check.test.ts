import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Cacerts,
  checkCacerts,
  inspectCertificate,
  issueIntermediate,
  splitPem,
} from '../../../src/pki/index.js';
import { customRoot, DAY_MS, KEY_BITS, newRoot } from './support.js';

const root = await newRoot(100);
const other = customRoot('P-256');
const cacerts = await issue(30);

test('good cacerts: no problem', () => assert.equal(check(cacerts), { ok: true, problems: [] }));

test('several roots, as during a rotation: the chain leads to one of them', () => {
  assert.ok(check({ ...cacerts, 'root-cert.pem': other.certPem + root.certPem }).ok);
});

for (const [title, change, codes] of [
  ['nothing at all', undefined, ['cacerts-incomplete']],
  ['no key', { 'ca-key.pem': '' }, ['cacerts-incomplete']],
  ['a key that is none', { 'ca-key.pem': 'nonsense' }, ['key-invalid']],
  ['the key of another CA', { 'ca-key.pem': other.keyPem }, ['key-mismatch']],
  ['a certificate that is none', { 'ca-cert.pem': 'nonsense' }, ['certificate-invalid']],
  ['a broken certificate', { 'root-cert.pem': broken() }, ['certificate-invalid', 'chain-broken']],
  ['another root', { 'root-cert.pem': other.certPem }, ['chain-broken']],
  ['a chain that begins elsewhere', { 'cert-chain.pem': root.certPem }, ['chain-broken']],
] as const) {
  test(`${title}: ${codes.join(', ')}`, () => {
    const result = check(change ? { ...cacerts, ...change } : {});
    assert.not.ok(result.ok);
    assert.equal([...new Set(result.problems.map((problem) => problem.code))], codes);
    assert.not.match(JSON.stringify(result), 'PRIVATE KEY');
  });
}

test('the calendar: not yet valid, good, due, expired', () => {
  const codesAt = (days: number) =>
    check(cacerts, { now: new Date(Date.now() + days * DAY_MS) }).problems.map((problem) => problem.code);
  assert.equal(codesAt(-1), ['not-yet-valid', 'not-yet-valid']);
  assert.equal(codesAt(0), []);
  assert.equal(codesAt(22), []);
  assert.equal(codesAt(24), ['renewal-due']);
  assert.equal(codesAt(31), ['expired']);
  assert.equal(codesAt(101), ['expired', 'expired']);
});

test('where the root ends as soon, a new intermediate is not asked for', async () => {
  const capped = await issue(1000);
  const result = check(capped, { now: new Date(Date.now() + 95 * DAY_MS) });
  assert.ok(result.ok);
  assert.equal(
    result.problems.map((problem) => problem.code),
    ['root-renewal-due'],
  );
});

test('a bundle is split in order, whatever stands between', () => {
  const bundle = `# one\r\n${root.certPem.replaceAll('\n', '\r\n')}\nsubject=two\n${other.certPem}`;
  assert.equal(splitPem(bundle), [root.certPem, other.certPem]);
  assert.equal(splitPem('nothing'), []);
});

test('an EC certificate is read', () => {
  const { fingerprint, notAfter } = inspectCertificate(other.certPem);
  const { fingerprint256, validTo } = new X509Certificate(other.certPem);
  assert.is(fingerprint, fingerprint256.replaceAll(':', '').toLowerCase());
  assert.equal(notAfter, new Date(validTo));
});

function check(data: Partial<Cacerts>, options: { now?: Date } = {}) {
  return checkCacerts(data, { now: options.now ?? new Date(), renewBeforeDays: 7 });
}

function issue(validityDays: number): Promise<Cacerts> {
  return issueIntermediate({
    root,
    cluster: 'cluster-1',
    organization: 'Test',
    validityDays,
    keyBits: KEY_BITS,
  });
}

function broken(): string {
  return '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
}

test.run();
