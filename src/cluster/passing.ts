import { ApiError, MALFORMED, type MeshplanError, UnreachableError } from '../errors/index.js';
import { isOtherObject } from './write.js';

/** A server that is briefly gone or busy; 501 says that it never will, and what is malformed stays so. */
export function mayPass(error: unknown): error is MeshplanError {
  if (error instanceof UnreachableError) return true;
  if (!(error instanceof ApiError) || MALFORMED.test(error.message)) return false;
  return error.status === 429 || (error.status >= 500 && error.status !== 501);
}

/**
 * Two writes that met. Fields that somebody else owns stay his, and an object that was made anew stays
 * somebody else's: neither changes by another try.
 */
export function isRace(error: unknown): error is ApiError {
  if (!(error instanceof ApiError) || error.status !== 409) return false;
  const isOwned = error.causes.some((cause) => cause.reason === 'FieldManagerConflict');
  return !isOwned && !isOtherObject(error);
}
