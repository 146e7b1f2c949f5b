import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { certificatesIn, coversName, fingerprintOf, leadsToAny } from '../../../src/verify/certificates.js';
import { makeCertificate } from './support.js';

const root = makeCertificate({ commonName: 'Root', isCa: true });
const policy = makeCertificate({ commonName: 'Policy', isCa: true, issuer: root });
const issuing = makeCertificate({ commonName: 'Issuing', isCa: true, issuer: policy });
const leaf = makeCertificate({ commonName: 'istiod', dnsNames: ['istiod.istio-system.svc'], issuer: root });
const read = ({ certPem }: { certPem: string }) => new X509Certificate(certPem);

test('a bundle is read in its order, whatever stands between the blocks', () => {
  const found = certificatesIn(`# first\n${root.certPem}\n\n${leaf.certPem}`, 'a bundle');
  assert.equal(
    found.map((item) => item.subject),
    ['CN=Root', 'CN=istiod'],
  );
  assert.equal(certificatesIn('', 'nothing'), []);
});

test('the same certificate has one fingerprint, however its PEM is wrapped', () => {
  const base64 = root.certPem.replace(/-----[^-]+-----|\s/g, '');
  const rewrapped = `-----BEGIN CERTIFICATE-----\n${base64.match(/.{1,76}/g)?.join('\n')}\n-----END CERTIFICATE-----`;
  assert.is.not(rewrapped, root.certPem.trim());
  const [again] = certificatesIn(rewrapped, 'rewrapped');
  assert.is(again && fingerprintOf(again), fingerprintOf(read(root)));
  assert.match(fingerprintOf(read(root)), /^[0-9a-f]{64}$/);
});

test('a damaged block names the place it was found in', () => {
  const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
  assert.throws(() => certificatesIn(damaged, 'Secret cacerts'), /Secret cacerts holds a certificate/);
});

test('names and addresses are looked up in the certificate', () => {
  assert.ok(coversName(read(leaf), 'istiod.istio-system.svc'));
  assert.not.ok(coversName(read(leaf), 'lb.example.com'));
  assert.not.ok(coversName(read(leaf), '192.0.2.1'));
});

test('a chain leads to the root directly or by way of intermediates, and only by them', () => {
  assert.ok(leadsToAny(read(policy), [], [read(root)]));
  assert.ok(leadsToAny(read(issuing), [read(issuing), read(policy)], [read(root)]));
  assert.not.ok(leadsToAny(read(issuing), [], [read(root)]));
  const twin = makeCertificate({ commonName: 'Root', isCa: true });
  assert.not.ok(leadsToAny(read(policy), [read(policy)], [read(twin)]));
});

test.run();
