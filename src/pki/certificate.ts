import { createHash, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import {
  type Asn1,
  asn1,
  Class,
  children,
  fromDer,
  integer,
  objectId,
  primitive,
  sequence,
  Type,
  tagged,
  toDer,
} from './asn1.js';

const OID = {
  organization: '2.5.4.10',
  locality: '2.5.4.7',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
} as const;

/** By key: the signature algorithms that Go and Envoy both verify (RFC 4055, RFC 5758). */
const SIGNATURES: Record<string, { oid: string; hash: string; nullParameters: boolean }> = {
  rsa: { oid: '1.2.840.113549.1.1.11', hash: 'sha256', nullParameters: true },
  prime256v1: { oid: '1.2.840.10045.4.3.2', hash: 'sha256', nullParameters: false },
  secp384r1: { oid: '1.2.840.10045.4.3.3', hash: 'sha384', nullParameters: false },
  secp521r1: { oid: '1.2.840.10045.4.3.4', hash: 'sha512', nullParameters: false },
};

/** digitalSignature, nonRepudiation, keyEncipherment, keyCertSign: what Istio's own tools/certs sets. */
const CA_KEY_USAGE = '\x02\xe4';

export interface SubjectName {
  organization: string;
  commonName: string;
  locality?: string;
}

/** A CA certificate to be signed. Without `issuer` it signs itself. */
export interface CaRequest {
  subject: SubjectName;
  publicKey: KeyObject;
  notBefore: Date;
  notAfter: Date;
  /** How many CAs may stand below; left out: any number. */
  pathLength?: number;
  issuer?: X509Certificate;
}

/** Whether `signCaCertificate` can sign with this key. */
export function canSign(key: KeyObject): boolean {
  return signatureOf(key) !== undefined;
}

/**
 * Builds a CA certificate and signs it; answers PEM. ASN.1 is forge's, the signature is node:crypto's, which
 * also knows EC keys. The issuer's name is copied byte for byte, for verifiers compare the bytes.
 */
export function signCaCertificate(request: CaRequest, signer: KeyObject): string {
  return signCertificate(request, extensionNodes(request), signer);
}

/** Any certificate, with the extensions that make it what it is. */
export function signCertificate(
  request: Omit<CaRequest, 'pathLength'>,
  extensions: Asn1[],
  signer: KeyObject,
): string {
  const algorithm = signatureOf(signer);
  if (algorithm === undefined) throw new TypeError('no signature algorithm for this kind of key');
  const subject = nameNode(request.subject);
  const tbs = sequence(
    tagged(0, [integer('\x02')]),
    integer(serialNumber()),
    algorithmNode(algorithm),
    request.issuer ? subjectNode(request.issuer) : subject,
    sequence(timeNode(request.notBefore), timeNode(request.notAfter)),
    subject,
    fromDer(derOf(request.publicKey)),
    tagged(3, [sequence(...extensions)]),
  );
  const signature = sign(algorithm.hash, toDer(tbs), signer);
  const bits = primitive(Type.BITSTRING, `\0${signature.toString('latin1')}`);
  return new X509Certificate(toDer(sequence(tbs, algorithmNode(algorithm), bits))).toString();
}

/** How many CAs may stand below this one; undefined means any number. */
export function pathLengthOf(certificate: X509Certificate): number | undefined {
  const value = extensionValue(certificate, OID.basicConstraints);
  const limit = value === undefined ? undefined : children(fromDer(value))[1];
  return typeof limit?.value === 'string' ? asn1.derToInteger(limit.value) : undefined;
}

function extensionNodes(request: CaRequest): Asn1[] {
  const { pathLength, issuer, publicKey } = request;
  const limit = pathLength === undefined ? [] : [integer(asn1.integerToDer(pathLength).getBytes())];
  const keyId = primitive(Type.OCTETSTRING, keyIdentifier(publicKey));
  return [
    extension(OID.basicConstraints, true, sequence(primitive(Type.BOOLEAN, '\xff'), ...limit)),
    extension(OID.keyUsage, true, primitive(Type.BITSTRING, CA_KEY_USAGE)),
    extension(OID.subjectKeyIdentifier, false, keyId),
    authorityNode(issuer ? subjectKeyIdentifier(issuer) : keyIdentifier(publicKey)),
  ];
}

const authorityNode = (keyId: string) =>
  extension(OID.authorityKeyIdentifier, false, sequence(tagged(0, keyId)));

/** The extension that names the key which signed. */
export const issuedBy = (issuer: X509Certificate) => authorityNode(subjectKeyIdentifier(issuer));

function signatureOf(key: KeyObject) {
  const type = key.asymmetricKeyType ?? '';
  return SIGNATURES[type === 'ec' ? (key.asymmetricKeyDetails?.namedCurve ?? '') : type];
}

/** 128 bits, positive and of constant length: the first bit is 0, the second 1. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('latin1');
}

/** RFC 7093, section 2, method 4: no SHA-1, which some builds of OpenSSL refuse. */
function keyIdentifier(key: KeyObject): string {
  return createHash('sha256').update(derOf(key), 'latin1').digest().subarray(0, 20).toString('latin1');
}

/** What the issuer calls its own key, for a path is searched by that. */
function subjectKeyIdentifier(issuer: X509Certificate): string {
  const value = extensionValue(issuer, OID.subjectKeyIdentifier);
  const identifier = value === undefined ? undefined : fromDer(value).value;
  return typeof identifier === 'string' ? identifier : keyIdentifier(issuer.publicKey);
}

function subjectNode(certificate: X509Certificate): Asn1 {
  const fields = tbsFields(certificate);
  const subject = fields[4];
  if (subject === undefined) throw new TypeError('the certificate has no subject');
  return subject;
}

function extensionValue(certificate: X509Certificate, oid: string): string | undefined {
  const wrapper = tbsFields(certificate).find(
    ({ tagClass, type }) => tagClass === Class.CONTEXT_SPECIFIC && Number(type) === 3,
  );
  const list = wrapper ? children(children(wrapper)[0]) : [];
  const entry = list.find((item) => {
    const id = children(item)[0]?.value;
    return typeof id === 'string' && asn1.derToOid(id) === oid;
  });
  const value = entry && children(entry).at(-1)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** The fields of the signed part from the serial number on; the version before it may be left out. */
function tbsFields(certificate: X509Certificate): Asn1[] {
  const fields = children(children(fromDer(certificate.raw.toString('latin1')))[0]);
  return fields[0]?.tagClass === Class.CONTEXT_SPECIFIC ? fields.slice(1) : fields;
}

function nameNode({ organization, commonName, locality }: SubjectName): Asn1 {
  const attribute = (oid: string, value: string) =>
    asn1.create(Class.UNIVERSAL, Type.SET, true, [
      sequence(objectId(oid), primitive(Type.UTF8, Buffer.from(value, 'utf8').toString('latin1'))),
    ]);
  return sequence(
    attribute(OID.organization, organization),
    attribute(OID.commonName, commonName),
    ...(locality === undefined ? [] : [attribute(OID.locality, locality)]),
  );
}

/** RFC 5280, 4.1.2.5: two-digit years up to 2049, four digits from then on. */
function timeNode(date: Date): Asn1 {
  return date.getUTCFullYear() < 2050
    ? primitive(Type.UTCTIME, asn1.dateToUtcTime(date))
    : primitive(Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date));
}

function algorithmNode({ oid, nullParameters }: { oid: string; nullParameters: boolean }): Asn1 {
  return sequence(objectId(oid), ...(nullParameters ? [primitive(Type.NULL, '')] : []));
}

/** One extension, its value wrapped as X.509 wants it. */
export function extension(oid: string, critical: boolean, value: Asn1): Asn1 {
  const flag = critical ? [primitive(Type.BOOLEAN, '\xff')] : [];
  return sequence(objectId(oid), ...flag, primitive(Type.OCTETSTRING, toDer(value).toString('latin1')));
}

function derOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'der' }).toString('latin1');
}
