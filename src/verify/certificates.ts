import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { MeshplanError } from '../errors/index.js';

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Every certificate of a PEM text, in its order.
 * @throws MeshplanError `certificate-invalid` naming `where`, when a block cannot be read.
 */
export function certificatesIn(pem: string, where: string): X509Certificate[] {
  return (pem.match(BLOCK) ?? []).map((block) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new MeshplanError('certificate-invalid', `${where} holds a certificate that cannot be read`, {
        cause,
      });
    }
  });
}

/** SHA-256 of the DER form, lower-case hexadecimal. */
export const fingerprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase();

/** Enough of a fingerprint for a person to compare two. */
export const shortFingerprint = (fingerprint: string): string => `sha256:${fingerprint.slice(0, 16)}…`;

/** Whether a certificate's names cover a hostname or an IP address. */
export function coversName(certificate: X509Certificate, name: string): boolean {
  const found = isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name);
  return found !== undefined;
}

/** Whether one of the roots signed the certificate. */
export function isSignedByAny(certificate: X509Certificate, roots: readonly X509Certificate[]): boolean {
  return roots.some((root) => certificate.checkIssued(root) && certificate.verify(root.publicKey));
}

/** The text of one key of a Secret's `data`, which is base64. */
export function secretText(data: unknown, key: string): string | undefined {
  const value = (data as Record<string, unknown> | undefined)?.[key];
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined;
}
