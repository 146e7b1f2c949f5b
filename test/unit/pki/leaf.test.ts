import { X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { generateRoot, issueLeaf } from '../../../src/pki/index.js';

const ca = await generateRoot({ organization: 'lab', commonName: 'ca', validityDays: 30, keyBits: 2048 });
const root = new X509Certificate(ca.certPem);

test("a server's certificate names what clients may know it by, and leads to its CA", async () => {
  const leaf = await issueLeaf(ca, {
    subject: { organization: 'lab', commonName: 'server' },
    names: ['kubernetes.default.svc'],
    addresses: ['172.30.0.1', 'fd00::1'],
    usage: 'server',
  });
  const certificate = new X509Certificate(leaf.certPem);
  assert.ok(certificate.checkIssued(root));
  assert.ok(certificate.verify(root.publicKey));
  assert.not.ok(certificate.ca);
  assert.is(certificate.checkHost('kubernetes.default.svc'), 'kubernetes.default.svc');
  assert.is(certificate.checkIP('172.30.0.1'), '172.30.0.1');
  assert.is(certificate.checkIP('172.30.0.2'), undefined);
  assert.match(certificate.subjectAltName ?? '', 'FD00');
  assert.is(certificate.validTo, root.validTo);
  assert.equal(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
});

test("a client's certificate has no names, and its key is not shown by chance", async () => {
  const subject = { organization: 'system:masters', commonName: 'client' };
  const leaf = await issueLeaf(ca, { subject, usage: 'client' });
  const certificate = new X509Certificate(leaf.certPem);
  assert.is(certificate.subjectAltName, undefined);
  assert.is(certificate.subject, 'O=system:masters\nCN=client');
  assert.equal(certificate.keyUsage, ['1.3.6.1.5.5.7.3.2']);
  assert.not.match(inspect(leaf), 'PRIVATE KEY');
});

test.run();
