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

/** Whether a certificate leads to one of the roots, directly or by way of the intermediates. */
export function leadsToAny(
  certificate: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): boolean {
  if (roots.some((root) => isSignedBy(certificate, root))) return true;
  const parent = intermediates.find((item) => isSignedBy(certificate, item));
  // Each step uses one up, so a loop of cross-signed certificates comes to an end.
  const rest = intermediates.filter((item) => item !== parent);
  return parent !== undefined && leadsToAny(parent, rest, roots);
}

const isSignedBy = (certificate: X509Certificate, issuer: X509Certificate) =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/** The text of one key of a Secret's `data`, which is base64. */
export function secretText(data: unknown, key: string): string | undefined {
  const value = (data as Record<string, unknown> | undefined)?.[key];
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : undefined;
}
