/** A certificate that may issue others, and its private key. */
export interface CaKeyPair {
  /** The certificate, followed by those above it where it is no root itself. */
  certPem: string;
  /** PKCS#8, PKCS#1 or SEC 1, not encrypted. */
  keyPem: string;
}

/** The data of the Secret `cacerts`, as Istio's plug-in CA reads it (security/pkg/pki/ca in istio/istio). */
export interface Cacerts {
  'ca-cert.pem': string;
  'ca-key.pem': string;
  'root-cert.pem': string;
  'cert-chain.pem': string;
}
