import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { type Asn1, objectId, primitive, sequence, Type, tagged } from './asn1.js';
import { extension, issuedBy, type SubjectName, signCertificate } from './certificate.js';
import { conceal } from './conceal.js';
import type { CaKeyPair } from './types.js';

const OID = {
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
  clientAuthentication: '1.3.6.1.5.5.7.3.2',
} as const;

/** digitalSignature alone: an EC key signs handshakes and enciphers nothing. */
const LEAF_KEY_USAGE = '\x07\x80';
const SAN_DNS = 2;
const SAN_IP = 7;

export interface LeafRequest {
  subject: SubjectName;
  /** What clients may know a server by; none for a certificate of a client. */
  names?: string[];
  addresses?: string[];
  usage: 'server' | 'client';
}

/** Issues a server's or client's certificate with a fresh EC key. It ends when its issuer does. */
export function signLeaf(issuerPair: CaKeyPair, request: LeafRequest): CaKeyPair {
  const issuer = new X509Certificate(issuerPair.certPem);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const dates = { notBefore: new Date(issuer.validFrom), notAfter: new Date(issuer.validTo) };
  const certPem = signCertificate(
    { subject: request.subject, publicKey, issuer, ...dates },
    [...extensionsOf(request), issuedBy(issuer)],
    createPrivateKey(issuerPair.keyPem),
  );
  const keyPem = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  return conceal({ certPem, keyPem }, ['keyPem']);
}

function extensionsOf({ names = [], addresses = [], usage }: LeafRequest): Asn1[] {
  const purpose = usage === 'server' ? OID.serverAuthentication : OID.clientAuthentication;
  const alternatives = [
    ...names.map((name) => tagged(SAN_DNS, name)),
    ...addresses.map((address) =>
      tagged(SAN_IP, String.fromCharCode(...ipaddr.parse(address).toByteArray())),
    ),
  ];
  return [
    extension(OID.keyUsage, true, primitive(Type.BITSTRING, LEAF_KEY_USAGE)),
    extension(OID.extendedKeyUsage, false, sequence(objectId(purpose))),
    ...(alternatives.length > 0
      ? [extension(OID.subjectAlternativeName, false, sequence(...alternatives))]
      : []),
  ];
}
