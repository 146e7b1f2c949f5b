export { acquireLock, readLock, removeLock, runningHolder } from './lock.js';
export {
  describeHolder,
  describeSelf,
  isDead as isLockDead,
  type LockHolder,
  parseHolder,
} from './lock-holder.js';
export { openState, type StateFile } from './state-file.js';
