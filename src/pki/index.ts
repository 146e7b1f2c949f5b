export { type CacertsCheck, type CacertsProblem, type CacertsProblemCode, checkCacerts } from './check.js';
export { type CertificateFacts, inspectCertificate, splitPem } from './inspect.js';
export { generateRoot, issueIntermediate } from './issue.js';
export { type CaStore, openCaStore } from './store.js';
export type { Cacerts, CaKeyPair } from './types.js';
