export { acquireLock, readLock, removeLock, runningHolder } from './lock.js';
export { describeHolder, isDead as isLockDead, type LockHolder } from './lock-holder.js';
export { openState, type StateFile } from './state-file.js';
