import { ApiError } from '../errors/index.js';
import type { Unread } from '../model/kube.js';

/** RBAC's words, and those by which it refuses to give away rights that one has not. */
const MISSING_RIGHT = /\bcannot \S+ resource\b|attempting to grant RBAC permissions/;

/**
 * What a failed request says about one kind alone, so that the rest of its cluster can still be read.
 * Undefined for what concerns the whole cluster (401, no answer) and for the refusal of one object by
 * admission, which is a 403 as well.
 */
export function unreadBecause(error: unknown): Pick<Unread, 'reason' | 'message'> | undefined {
  if (!(error instanceof ApiError)) return undefined;
  if (error.status === 403 && MISSING_RIGHT.test(error.message)) {
    // `secrets "x" is forbidden: User "y" cannot …`: the same right is missing for every x.
    return { reason: 'forbidden', message: error.message.replace(/^.*?(?=[Uu]ser ")/s, '') };
  }
  // These were repeated before they came here.
  return error.status === 429 || error.status >= 500
    ? { reason: 'server-error', message: error.message }
    : undefined;
}

/** What a read brings, or undefined and a word on why where the server does not let one see it. */
export async function orUnread<T>(
  what: Omit<Unread, 'reason' | 'message'>,
  unread: Unread[],
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    const because = unreadBecause(error);
    if (!because) throw error;
    unread.push({ ...what, ...because });
    return undefined;
  }
}
