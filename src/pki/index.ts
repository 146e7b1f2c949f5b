export { checkCacerts } from './check.js';
export { inspectCertificate, splitPem } from './inspect.js';
export { generateRoot, issueIntermediate, issueLeaf } from './issue.js';
export { openCaStore } from './store.js';
export type { Cacerts, CaKeyPair } from './types.js';
