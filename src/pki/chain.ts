import type { X509Certificate } from 'node:crypto';

/**
 * The certificates from `leaf` up to the first of `roots` that it leads to, both included, each issued by
 * the next with a valid signature. Undefined where there is no such path. Dates are not looked at.
 */
export function pathToRoot(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): X509Certificate[] | undefined {
  const anchor = roots.find((root) => root.fingerprint256 === leaf.fingerprint256);
  if (anchor) return [anchor];
  const root = roots.find((candidate) => issued(candidate, leaf));
  if (root) return [leaf, root];
  for (const parent of intermediates.filter((candidate) => issued(candidate, leaf))) {
    // Each certificate serves once, so that two that issued each other end the search.
    const others = intermediates.filter((candidate) => candidate !== parent);
    const rest =
      parent.fingerprint256 === leaf.fingerprint256 ? undefined : pathToRoot(parent, others, roots);
    if (rest) return [leaf, ...rest];
  }
  return undefined;
}

/** Whether a certificate is signed with its own key. */
export function isSelfSigned(certificate: X509Certificate): boolean {
  return signedBy(certificate, certificate);
}

/** Whether `parent` is a CA that issued `child`. */
export function issued(parent: X509Certificate, child: X509Certificate): boolean {
  return parent.ca && signedBy(child, parent);
}

function signedBy(child: X509Certificate, parent: X509Certificate): boolean {
  try {
    return child.checkIssued(parent) && child.verify(parent.publicKey);
  } catch {
    // A signature algorithm that this build of OpenSSL does not know proves nothing.
    return false;
  }
}
