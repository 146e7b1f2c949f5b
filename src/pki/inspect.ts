import { type KeyObject, X509Certificate } from 'node:crypto';
import { caError } from './errors.js';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The public face of a certificate, as the state keeps it. */
export interface CertificateFacts {
  notAfter: Date;
  /** SHA-256 of the DER form, lower-case hexadecimal, no colons. */
  fingerprint: string;
}

/** Reads the first certificate of a PEM text. Throws `certificate-invalid`. */
export function inspectCertificate(pem: string): CertificateFacts {
  const certificate = readCertificate(pem);
  return { notAfter: new Date(certificate.validTo), fingerprint: fingerprintOf(certificate) };
}

/** The certificates of a PEM bundle in their order, each ending in a line break; text around them is left out. */
export function splitPem(bundle: string): string[] {
  return (bundle.match(CERTIFICATE) ?? []).map((block) => `${block.replaceAll('\r', '')}\n`);
}

/** The first certificate of a PEM text. Throws `certificate-invalid`. */
export function readCertificate(pem: string): X509Certificate {
  const [first] = readCertificates(pem);
  if (first === undefined) throw invalid('no certificate found');
  return first;
}

/** All certificates of a PEM text, in order. Throws `certificate-invalid` where one cannot be read. */
export function readCertificates(pem: string): X509Certificate[] {
  return splitPem(pem).map((block) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw invalid('the certificate cannot be read');
    }
  });
}

/** SHA-256 of the DER form, lower-case hexadecimal, no colons. */
export function fingerprintOf(certificate: X509Certificate): string {
  return certificate.fingerprint256.replaceAll(':', '').toLowerCase();
}

/** The subject on one line. */
export function subjectOf(certificate: X509Certificate): string {
  return (certificate.subject ?? '').split('\n').join(', ');
}

/** The kind and size of a key, e.g. `RSA-2048`, `EC-P-256`. */
export function keyTypeOf(key: KeyObject): string {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'ec') return `EC-${CURVES[namedCurve ?? ''] ?? namedCurve}`;
  const type = (key.asymmetricKeyType ?? 'unknown').toUpperCase();
  return modulusLength === undefined ? type : `${type}-${modulusLength}`;
}

/** OpenSSL's names of the curves that Go and Envoy verify, and NIST's. */
const CURVES: Record<string, string> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' };

function invalid(why: string): Error {
  return caError(
    'certificate-invalid',
    `not a PEM certificate: ${why}`,
    'Give a file with BEGIN CERTIFICATE.',
  );
}
