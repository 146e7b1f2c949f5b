export { acquireLock, readLock, removeLock } from './lock.js';
export { isDead as isLockDead, type LockHolder } from './lock-holder.js';
export { openState, type StateFile } from './state-file.js';
