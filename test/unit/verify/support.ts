import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

/** A certificate with its key (PEM), made for one test run and kept in memory only. */
export interface TestCertificate {
  certPem: string;
  keyPem: string;
}

interface Request {
  commonName: string;
  isCa?: boolean;
  dnsNames?: string[];
  issuer?: TestCertificate;
}

/** Issues a certificate for an hour, by itself or by the issuer. */
export function makeCertificate(request: Request): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(Date.now() - 60_000);
  certificate.validity.notAfter = new Date(Date.now() + 3_600_000);
  const subject = [{ name: 'commonName', value: request.commonName }];
  certificate.setSubject(subject);
  const { issuer } = request;
  certificate.setIssuer(issuer ? forge.pki.certificateFromPem(issuer.certPem).subject.attributes : subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: request.isCa ?? false, critical: true },
    ...(request.dnsNames
      ? [{ name: 'subjectAltName', altNames: request.dnsNames.map((value) => ({ type: 2, value })) }]
      : []),
  ]);
  const signer = forge.pki.privateKeyFromPem(issuer?.keyPem ?? privateKey);
  certificate.sign(signer as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
  return { certPem: forge.pki.certificateToPem(certificate).replaceAll('\r', ''), keyPem: privateKey };
}
