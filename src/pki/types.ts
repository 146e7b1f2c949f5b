/** A certificate that may issue others, and its private key. */
export interface CaKeyPair {
  /** The certificate, followed by those above it where it is no root itself. */
  certPem: string;
  /** PKCS#8, PKCS#1 or SEC 1, not encrypted. */
  keyPem: string;
}

export type { Cacerts } from '../model/facts.js';
