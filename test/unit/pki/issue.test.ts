import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import { pathLengthOf, signCaCertificate } from '../../../src/pki/certificate.js';
import { type Cacerts, checkCacerts, issueIntermediate, splitPem } from '../../../src/pki/index.js';
import { customRoot, DAY_MS, KEY_BITS, newKeys, newRoot } from './support.js';

const request = { cluster: 'cluster-1', organization: 'Test', validityDays: 30, keyBits: KEY_BITS };

test('the root is a CA that signs itself and may have CAs below it', async () => {
  const root = await newRoot();
  const certificate = new X509Certificate(root.certPem);
  assert.ok(certificate.ca);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.is(pathLengthOf(certificate), undefined);
  assert.is(certificate.subject, 'O=Test\nCN=Root CA');
});

test('a certificate is valid from a few minutes ago, with a positive serial of 128 bits', async () => {
  const certificate = new X509Certificate((await newRoot()).certPem);
  const age = Date.now() - Date.parse(certificate.validFrom);
  assert.ok(age >= 4 * 60_000 && age <= 6 * 60_000, `${age} ms`);
  assert.match(certificate.serialNumber, /^[4-7][0-9A-F]{31}$/);
});

test('an intermediate names its cluster, allows no CA below it and verifies against the root', async () => {
  const root = await newRoot();
  const cacerts = await issueIntermediate({ ...request, root });
  const certificate = new X509Certificate(cacerts['ca-cert.pem']);
  assert.is(certificate.subject, 'O=Test\nCN=Intermediate CA\nL=cluster-1');
  assert.is(pathLengthOf(certificate), 0);
  assert.ok(certificate.checkIssued(new X509Certificate(root.certPem)));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(cacerts['ca-key.pem'])));
  assert.is(cacerts['root-cert.pem'], root.certPem);
  assert.equal(splitPem(cacerts['cert-chain.pem']), [cacerts['ca-cert.pem'], root.certPem]);
});

test('an intermediate never outlives its root, nor starts before it', async () => {
  const from = new Date(Math.floor(Date.now() / 1000) * 1000 - 1000);
  const until = new Date(Math.floor(Date.now() / 1000) * 1000 + 5 * DAY_MS);
  const root = customRoot('rsa', { from, until });
  const certificate = new X509Certificate((await issueIntermediate({ ...request, root }))['ca-cert.pem']);
  assert.is(Date.parse(certificate.validTo), until.getTime());
  assert.is(Date.parse(certificate.validFrom), from.getTime());
});

test('dates from 2050 on are written with four digits', async () => {
  const until = new Date('2061-05-06T07:08:09Z');
  const certificate = new X509Certificate(customRoot('rsa', { until }).certPem);
  assert.is(new Date(certificate.validTo).toISOString(), '2061-05-06T07:08:09.000Z');
});

for (const curve of ['P-256', 'P-384', 'P-521'] as const) {
  test(`a root with an EC key on ${curve} issues intermediates`, async () => {
    const root = customRoot(curve);
    const cacerts = await issueIntermediate({ ...request, root });
    assert.equal(checkCacerts(cacerts, { now: new Date(), renewBeforeDays: 7 }).problems, []);
  });
}

test('SEC 1 and PKCS#1 keys are read, and text around a certificate is left out', async () => {
  const root = customRoot('P-256');
  const sec1 = root.privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const certPem = `Bag Attributes\r\n${root.certPem.replaceAll('\n', '\r\n')}trailing`;
  const cacerts = await issueIntermediate({ ...request, root: { certPem, keyPem: sec1 } });
  assert.is(cacerts['root-cert.pem'], root.certPem);
});

test('a CA below a corporate root issues with the whole path in the chain', async () => {
  const { root, below } = corporate();
  const cacerts = await issueIntermediate({ ...request, root: below });
  assert.is(cacerts['root-cert.pem'], root.certPem);
  assert.is(splitPem(cacerts['cert-chain.pem']).length, 3);
  assert.ok(checkCacerts(cacerts, { now: new Date(), renewBeforeDays: 7 }).ok);
});

test('a key kind that proxies do not verify', () => fails('ca-key-unsupported', customRoot('ed25519')));
test('a key that is no key', () =>
  fails('ca-key-unsupported', { ...customRoot('P-256'), keyPem: 'nonsense' }));
test('a key with a passphrase', () => {
  const root = customRoot('P-256');
  const cipher = { cipher: 'aes-256-cbc', passphrase: 'x' };
  const keyPem = root.privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }).toString();
  return fails('ca-key-unsupported', { ...root, keyPem });
});
test('the key of another CA', () =>
  fails('ca-key-mismatch', { ...customRoot('P-256'), keyPem: customRoot('P-256').keyPem }));
test('a text that is no certificate', () =>
  fails('certificate-invalid', { ...customRoot('P-256'), certPem: 'x' }));
test('a root that has expired', () =>
  fails('ca-expired', customRoot('P-256', { until: new Date(Date.now() - 1000) })));
test('a root that allows no CA below it', () => fails('ca-invalid', customRoot('P-256', { pathLength: 0 })));
test('a CA whose own issuer is not given', () => {
  const { below } = corporate();
  return fails('ca-invalid', { ...below, certPem: splitPem(below.certPem)[0] ?? '' });
});

test('printing a key pair or cacerts shows no key', async () => {
  const root = await newRoot();
  const cacerts = await issueIntermediate({ ...request, root });
  for (const value of [root, cacerts, { nested: [root, cacerts] }]) {
    assert.not.match(inspect(value, { depth: 9 }), 'PRIVATE KEY');
  }
  assert.match(root.keyPem, 'BEGIN PRIVATE KEY');
});

test('openssl verifies the chain, strictly', async () => {
  if (spawnSync('openssl', ['version']).status !== 0) {
    console.log('skipped: no openssl on this machine to cross-check with');
    return;
  }
  for (const root of [await newRoot(), customRoot('P-384'), corporate().below]) {
    assert.match(opensslVerify(await issueIntermediate({ ...request, root })), /: OK/);
  }
});

function corporate() {
  const root = customRoot('P-384');
  const { publicKey, privateKey } = newKeys('rsa');
  const certPem = signCaCertificate(
    {
      subject: { organization: 'Test', commonName: 'Issuing CA' },
      publicKey,
      notBefore: new Date(Date.now() - 1000),
      notAfter: new Date(Date.now() + 100 * DAY_MS),
      pathLength: 1,
      issuer: new X509Certificate(root.certPem),
    },
    root.privateKey,
  );
  const keyPem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  return { root, below: { certPem: certPem + root.certPem, keyPem } };
}

async function fails(code: string, root: { certPem: string; keyPem: string }): Promise<void> {
  try {
    await issueIntermediate({ ...request, root: { certPem: root.certPem, keyPem: root.keyPem } });
  } catch (error) {
    assert.instance(error, MeshplanError);
    assert.is((error as MeshplanError).code, code);
    assert.ok((error as MeshplanError).hint);
    assert.not.match(inspect(error), 'PRIVATE KEY');
    return;
  }
  assert.unreachable(`${code} was expected`);
}

function opensslVerify(cacerts: Cacerts): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshplan-pki-'));
  try {
    for (const name of ['ca-cert.pem', 'cert-chain.pem', 'root-cert.pem'] as const) {
      writeFileSync(join(folder, name), cacerts[name]);
    }
    const options = ['-x509_strict', '-CAfile', 'root-cert.pem', '-untrusted', 'cert-chain.pem'];
    const { stdout, stderr } = spawnSync('openssl', ['verify', ...options, 'ca-cert.pem'], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout + stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.run();
