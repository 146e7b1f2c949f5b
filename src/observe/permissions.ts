import pLimit from 'p-limit';
import { unreadBecause } from '../cluster/unread.js';
import type { Cluster } from '../model/kube.js';
import type { Permission } from '../model/permission.js';

const CONCURRENCY = 16;

/** One question of a SelfSubjectAccessReview; without namespace and name it is about all of them. */
interface Attributes {
  verb: string;
  group: string;
  resource: string;
  namespace?: string;
  name?: string;
}

/**
 * Which of the rights the user has not. Asked from the general to the particular, so that an account that
 * may do everything pays one request, one with cluster-wide rights one for each verb and kind, and only what
 * is refused there is asked about for each namespace, and at last for each name.
 */
export async function missingPermissions(
  cluster: Cluster,
  wanted: readonly Permission[],
): Promise<Permission[]> {
  if (wanted.length === 0) return [];
  if (await isAllowed(cluster, { verb: '*', group: '*', resource: '*' })) return [];
  const limit = pLimit(CONCURRENCY);
  const ask = (attributes: Attributes) => limit(() => isAllowed(cluster, attributes));
  const kinds = groupBy(wanted, ({ verb, group, resource }) => `${verb} ${group} ${resource}`);
  const missing = await Promise.all(kinds.map((items) => missingOfKind(items, ask)));
  return missing.flat();
}

async function missingOfKind(
  items: Permission[],
  ask: (attributes: Attributes) => Promise<boolean>,
): Promise<Permission[]> {
  const [{ verb, group, resource }] = items as [Permission];
  const kind = { verb, group, resource };
  if (await ask(kind)) return [];
  const places = groupBy(items, (item) => item.namespace ?? '');
  const missing = await Promise.all(
    places.map(async (here) => {
      const namespace = here[0]?.namespace;
      if (namespace && (await ask({ ...kind, namespace }))) return [];
      const place = namespace ? { ...kind, namespace } : kind;
      const allowed = await Promise.all(here.map(({ name }) => ask({ ...place, name })));
      return here.filter((_, index) => !allowed[index]);
    }),
  );
  return missing.flat();
}

/** A server that does not say is taken to allow: it will say so itself. */
async function isAllowed(cluster: Cluster, attributes: Attributes): Promise<boolean> {
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: attributes },
  };
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const answer = await review<{ allowed?: boolean }>(cluster, path, body);
  return answer?.allowed ?? true;
}

/** The name by which the API server knows who is asking. */
export async function userName(cluster: Cluster): Promise<string | undefined> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const answer = await review<{ userInfo?: { username?: string } }>(cluster, path, body);
  return answer?.userInfo?.username;
}

async function review<T>(cluster: Cluster, path: string, body: object): Promise<T | undefined> {
  try {
    const answer = await cluster.request(path, { method: 'POST', body, isRepeatable: true });
    return (answer.body as { status?: T }).status;
  } catch (error) {
    if (unreadBecause(error)) return undefined;
    throw error;
  }
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups.values()];
}
