import { createPrivateKey, generateKeyPair, type KeyObject, type X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { isSelfSigned, issued } from './chain.js';
import { conceal } from './conceal.js';
import { caError } from './errors.js';
import { keyTypeOf, readCertificates, subjectOf } from './inspect.js';
import type { LeafRequest } from './leaf.js';
import type { Cacerts, CaKeyPair } from './types.js';

const newKeyPair = promisify(generateKeyPair);
const DAY_MS = 24 * 60 * 60 * 1000;
/** Clusters whose clocks are a little behind must accept a certificate at once. */
const CLOCK_SKEW_MS = 5 * 60 * 1000;

/** Makes a root CA with a fresh RSA key; the certificate is valid from five minutes ago on. */
export async function generateRoot(options: {
  organization: string;
  commonName: string;
  validityDays: number;
  keyBits: number;
}): Promise<CaKeyPair> {
  const { organization, commonName, validityDays, keyBits } = options;
  const [{ publicKey, privateKey }, { signCaCertificate }] = await Promise.all([
    newKeyPair('rsa', { modulusLength: keyBits }),
    loadForge(),
  ]);
  const subject = { organization, commonName };
  const certPem = signCaCertificate({ subject, publicKey, ...validity(validityDays) }, privateKey);
  return conceal({ certPem, keyPem: pemOf(privateKey) }, ['keyPem']);
}

/**
 * Issues the intermediate CA of one cluster from the root: the data of its Secret `cacerts`, with the shape
 * that Istio's tools/certs gives it (locality = cluster, pathlen 0). It never outlives its issuer.
 * `root.certPem` may go on with the certificates above, up to the root.
 * Throws `ca-key-unsupported`, `ca-key-mismatch`, `ca-invalid`, `ca-expired`, `certificate-invalid`.
 */
export async function issueIntermediate(options: {
  root: { certPem: string; keyPem: string };
  cluster: string;
  organization: string;
  validityDays: number;
  keyBits: number;
}): Promise<Cacerts> {
  const { cluster, organization, validityDays, keyBits } = options;
  const forge = await loadForge();
  const { issuer, chain, key } = readIssuer(options.root, forge);
  const { publicKey, privateKey } = await newKeyPair('rsa', { modulusLength: keyBits });
  const subject = { organization, commonName: 'Intermediate CA', locality: cluster };
  const dates = validity(validityDays, chain);
  const certPem = forge.signCaCertificate({ subject, publicKey, pathLength: 0, issuer, ...dates }, key);
  const above = chain.map((certificate) => certificate.toString());
  const cacerts: Cacerts = {
    'ca-cert.pem': certPem,
    'ca-key.pem': pemOf(privateKey),
    'root-cert.pem': above.at(-1) ?? '',
    'cert-chain.pem': [certPem, ...above].join(''),
  };
  return conceal(cacerts, ['ca-key.pem']);
}

/** Issues the certificate of a server or client with a fresh EC key; it ends when its issuer does. */
export async function issueLeaf(issuer: CaKeyPair, request: LeafRequest): Promise<CaKeyPair> {
  return (await import('./leaf.js')).signLeaf(issuer, request);
}

/** forge takes some 40 ms to load, which only those who issue should pay. */
function loadForge() {
  return import('./certificate.js');
}

function readIssuer(
  root: { certPem: string; keyPem: string },
  forge: Awaited<ReturnType<typeof loadForge>>,
): { issuer: X509Certificate; chain: X509Certificate[]; key: KeyObject } {
  const chain = readCertificates(root.certPem);
  const [issuer] = chain;
  if (issuer === undefined) {
    throw caError('certificate-invalid', 'the CA certificate cannot be found', 'Give a PEM file.');
  }
  const key = readKey(root.keyPem);
  if (!forge.canSign(key)) {
    const message = `the key of ${subjectOf(issuer)} is ${keyTypeOf(key)}, which Istio's proxies do not verify`;
    throw caError(
      'ca-key-unsupported',
      message,
      'Use a CA with an RSA key or an EC key on P-256, P-384 or P-521.',
    );
  }
  if (!issuer.checkPrivateKey(key)) {
    const message = `the CA key is not the key of the certificate ${subjectOf(issuer)}`;
    throw caError(
      'ca-key-mismatch',
      message,
      'Check trust.ca.root: the key and the certificate must be a pair.',
    );
  }
  refuseUnusable(chain, forge.pathLengthOf);
  return { issuer, chain, key };
}

function readKey(keyPem: string): KeyObject {
  try {
    return createPrivateKey(keyPem);
  } catch {
    // The cause is left out on purpose: nothing that came near a key is quoted.
    const hint = 'Give it as PEM without a passphrase, e.g. by `openssl pkey -in KEY -out PLAIN-KEY`.';
    throw caError('ca-key-unsupported', 'the CA key cannot be read', hint);
  }
}

/** A chain that istiod or a proxy would refuse is refused here, before anything is issued from it. */
function refuseUnusable(
  chain: X509Certificate[],
  pathLengthOf: (certificate: X509Certificate) => number | undefined,
): void {
  const now = new Date();
  for (const [index, certificate] of chain.entries()) {
    const name = subjectOf(certificate);
    const parent = chain[index + 1];
    if (!certificate.ca) throw unusable(`${name} may not issue certificates`);
    if ((pathLengthOf(certificate) ?? Infinity) <= index)
      throw unusable(`${name} allows no further CA below it`);
    if (parent ? !issued(parent, certificate) : !isSelfSigned(certificate)) {
      throw unusable(
        `${name} is not issued by ${parent ? subjectOf(parent) : 'itself, and no issuer follows it'}`,
      );
    }
    if (now < new Date(certificate.validFrom) || now >= new Date(certificate.validTo)) {
      const message = `${name} is valid from ${certificate.validFrom} to ${certificate.validTo}`;
      throw caError('ca-expired', message, 'Renew the CA, or set the clock of this machine.');
    }
  }
}

function unusable(message: string): Error {
  return caError('ca-invalid', message, 'Give a CA certificate, followed by those above it up to the root.');
}

function validity(days: number, issuers: X509Certificate[] = []): { notBefore: Date; notAfter: Date } {
  const start = issuers.map((issuer) => Date.parse(issuer.validFrom));
  const end = issuers.map((issuer) => Date.parse(issuer.validTo));
  const now = Date.now();
  return {
    notBefore: new Date(Math.max(now - CLOCK_SKEW_MS, ...start)),
    notAfter: new Date(Math.min(now + days * DAY_MS, ...end)),
  };
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
