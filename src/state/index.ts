export {
  dropCertificate,
  dropCluster,
  dropObject,
  emptyState,
  recordObject,
  setCertificate,
  setClusterUid,
  setPhase,
} from './edit.js';
export type { Journal } from './journal.js';
export type { BeginEntry, EndEntry, Fact, JournalEntry } from './journal-entries.js';
export { acquireLock, type Lock, type LockOptions, readLock, removeLock } from './lock.js';
export { isDead as isLockDead, type LockHolder } from './lock-holder.js';
export { openState, type StateFile } from './state-file.js';
