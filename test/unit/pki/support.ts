import { generateKeyPairSync } from 'node:crypto';
import { signCaCertificate } from '../../../src/pki/certificate.js';
import { generateRoot } from '../../../src/pki/index.js';

export const DAY_MS = 24 * 60 * 60 * 1000;

/** Small keys: these tests look at shapes, not at strength. */
export const KEY_BITS = 2048;

export function newRoot(validityDays = 365) {
  return generateRoot({ organization: 'Test', commonName: 'Root CA', validityDays, keyBits: KEY_BITS });
}

/** A self-signed CA whose key is of the given kind, with the limits that a test wants. */
export function customRoot(
  key: 'ed25519' | 'P-256' | 'P-384' | 'P-521' | 'rsa',
  options: { from?: Date; until?: Date; pathLength?: number } = {},
) {
  const { publicKey, privateKey } = newKeys(key === 'ed25519' ? 'P-256' : key);
  const certPem = signCaCertificate(
    {
      subject: { organization: 'Test', commonName: `Root CA ${key}` },
      publicKey,
      notBefore: options.from ?? new Date(Date.now() - DAY_MS),
      notAfter: options.until ?? new Date(Date.now() + 365 * DAY_MS),
      ...(options.pathLength === undefined ? {} : { pathLength: options.pathLength }),
    },
    privateKey,
  );
  const shown = key === 'ed25519' ? generateKeyPairSync('ed25519').privateKey : privateKey;
  return { certPem, keyPem: shown.export({ type: 'pkcs8', format: 'pem' }).toString(), privateKey };
}

export function newKeys(key: 'P-256' | 'P-384' | 'P-521' | 'rsa') {
  return key === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: KEY_BITS })
    : generateKeyPairSync('ec', { namedCurve: key });
}
