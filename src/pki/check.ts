import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { messageOf } from '../errors/index.js';
import { pathToRoot } from './chain.js';
import { readCertificates, subjectOf } from './inspect.js';
import type { Cacerts } from './types.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const FILES: readonly (keyof Cacerts)[] = ['ca-cert.pem', 'ca-key.pem', 'root-cert.pem', 'cert-chain.pem'];

/**
 * - `cacerts-incomplete`, `certificate-invalid`, `key-invalid`: a file is missing or cannot be read.
 * - `key-mismatch`: ca-key.pem is not the key of ca-cert.pem.
 * - `not-a-ca`: ca-cert.pem may not issue certificates.
 * - `chain-broken`: ca-cert.pem does not lead to root-cert.pem, or cert-chain.pem does not begin with it.
 * - `not-yet-valid`, `expired`: of any certificate on the path.
 * - `renewal-due`: the intermediate ends within `renewBeforeDays`, and the root lives longer.
 * - `root-renewal-due`: the root ends within `renewBeforeDays`; a new intermediate would not help.
 */
export type CacertsProblemCode =
  | 'cacerts-incomplete'
  | 'certificate-invalid'
  | 'key-invalid'
  | 'key-mismatch'
  | 'not-a-ca'
  | 'chain-broken'
  | 'not-yet-valid'
  | 'expired'
  | 'renewal-due'
  | 'root-renewal-due';

export interface CacertsProblem {
  code: CacertsProblemCode;
  message: string;
}

export interface CacertsCheck {
  /** istiod can use them, and a new intermediate is not due. `root-renewal-due` leaves it true. */
  ok: boolean;
  problems: CacertsProblem[];
}

/**
 * Checks the data of a Secret `cacerts` (PEM texts, already decoded) as istiod does at its start, and when
 * it must be renewed. Never throws for what the data holds; no message quotes a key.
 */
export function checkCacerts(
  data: Partial<Cacerts>,
  options: { now: Date; renewBeforeDays: number },
): CacertsCheck {
  const problems: CacertsProblem[] = FILES.filter((file) => !data[file]?.trim()).map((file) => ({
    code: 'cacerts-incomplete',
    message: `${file} is missing`,
  }));
  const certificates = (file: keyof Cacerts) => readAll(data[file] ?? '', file, problems);
  const [ca] = certificates('ca-cert.pem');
  const roots = certificates('root-cert.pem');
  const chain = certificates('cert-chain.pem');
  if (ca && data['ca-key.pem']?.trim()) problems.push(...keyProblems(ca, data['ca-key.pem']));
  const path = ca && pathToRoot(ca, chain, roots);
  if (ca) problems.push(...chainProblems(ca, chain, path));
  if (path) problems.push(...dateProblems(path, options));
  return { ok: problems.every((problem) => problem.code === 'root-renewal-due'), problems };
}

function readAll(pem: string, file: keyof Cacerts, problems: CacertsProblem[]): X509Certificate[] {
  if (!pem.trim()) return [];
  try {
    const found = readCertificates(pem);
    if (found.length === 0) problems.push({ code: 'certificate-invalid', message: `${file} holds none` });
    return found;
  } catch (error) {
    problems.push({ code: 'certificate-invalid', message: `${file}: ${messageOf(error)}` });
    return [];
  }
}

function keyProblems(ca: X509Certificate, keyPem: string): CacertsProblem[] {
  let key: KeyObject;
  try {
    key = createPrivateKey(keyPem);
  } catch {
    return [{ code: 'key-invalid', message: 'ca-key.pem is no private key that can be read' }];
  }
  if (ca.checkPrivateKey(key)) return [];
  return [{ code: 'key-mismatch', message: 'ca-key.pem is not the key of ca-cert.pem' }];
}

function chainProblems(
  ca: X509Certificate,
  chain: X509Certificate[],
  path: X509Certificate[] | undefined,
): CacertsProblem[] {
  const problems: CacertsProblem[] = [];
  if (!ca.ca) problems.push({ code: 'not-a-ca', message: 'ca-cert.pem may not issue certificates' });
  if (!path) {
    problems.push({ code: 'chain-broken', message: 'ca-cert.pem does not lead to a root in root-cert.pem' });
  }
  // Proxies send cert-chain.pem after their own certificate, so it has to go on from there.
  if (chain[0] && chain[0].fingerprint256 !== ca.fingerprint256) {
    problems.push({ code: 'chain-broken', message: 'cert-chain.pem does not begin with ca-cert.pem' });
  }
  return problems;
}

function dateProblems(
  path: X509Certificate[],
  { now, renewBeforeDays }: { now: Date; renewBeforeDays: number },
): CacertsProblem[] {
  const problems = path.flatMap((certificate): CacertsProblem[] => {
    const name = subjectOf(certificate);
    if (now < new Date(certificate.validFrom)) {
      return [{ code: 'not-yet-valid', message: `${name} is valid from ${iso(certificate.validFrom)} on` }];
    }
    if (now < new Date(certificate.validTo)) return [];
    return [{ code: 'expired', message: `${name} has expired at ${iso(certificate.validTo)}` }];
  });
  return problems.length > 0
    ? problems
    : renewalProblems(path, new Date(now.getTime() + renewBeforeDays * DAY_MS));
}

/** A certificate never outlives those above it, so the topmost one that is due is the one to renew. */
function renewalProblems(path: X509Certificate[], horizon: Date): CacertsProblem[] {
  const above = path.slice(1).findLast((certificate) => new Date(certificate.validTo) <= horizon);
  if (above) {
    const message = `${subjectOf(above)} ends at ${iso(above.validTo)}`;
    return [{ code: 'root-renewal-due', message }];
  }
  const [ca] = path;
  if (!ca || new Date(ca.validTo) > horizon) return [];
  const code = path.length === 1 ? 'root-renewal-due' : 'renewal-due';
  return [{ code, message: `${subjectOf(ca)} ends at ${iso(ca.validTo)}` }];
}

function iso(date: string): string {
  return new Date(date).toISOString();
}
