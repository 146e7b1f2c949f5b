import type { KubeObject, ManagedFieldsEntry } from '../model/kube.js';

/** Who last wrote a field, other than meshplan: from `metadata.managedFields`. */
export interface FieldOwner {
  manager: string;
  time?: string;
}

/**
 * The other manager that owns the field at `pointer` in the live object, the most recent one where
 * there are several. Sets of fields are keyed `f:name`, `k:{"name":"x"}`, `v:value` (fieldsV1).
 */
export function foreignOwner(live: KubeObject, pointer: string, own: string): FieldOwner | undefined {
  const entries = (live.metadata.managedFields ?? [])
    .filter((entry) => entry.manager !== undefined && entry.manager !== own)
    .filter((entry) => owns(entry, live, tokensOf(pointer)))
    .sort((a, b) => (b.time ?? '').localeCompare(a.time ?? ''));
  const [latest] = entries;
  if (!latest?.manager) return undefined;
  return { manager: latest.manager, ...(latest.time ? { time: latest.time } : {}) };
}

/** Whether a manager is among those that own the field at `pointer`. */
export const isOwnedBy = (live: KubeObject, pointer: string, manager: string) =>
  (live.metadata.managedFields ?? []).some(
    (entry) => entry.manager === manager && owns(entry, live, tokensOf(pointer)),
  );

/**
 * Programs of Kubernetes and Istio that write into objects of others as their part of the work. A cloud's
 * load balancer controller goes by many names; what it writes is status and finalizers, which are nobody's.
 */
const CONTROLLERS: ReadonlySet<string> = new Set([
  'kube-apiserver',
  'kube-controller-manager',
  'cloud-controller-manager',
  'kube-scheduler',
  'kubelet',
  'pilot-discovery',
]);

/** Whether what this manager wrote is no work of a person or a tool. */
export const isController = (manager: string) => CONTROLLERS.has(manager);

/** The latest of an object's writers that is meant. Where no time is noted it is that of the creation. */
export function lastWriter(
  { metadata }: KubeObject,
  isMeant: (entry: ManagedFieldsEntry & { manager: string }) => boolean,
): FieldOwner | undefined {
  const [latest] = (metadata.managedFields ?? [])
    .flatMap((entry) => (entry.manager === undefined ? [] : [{ ...entry, manager: entry.manager }]))
    .filter(isMeant)
    .sort((a, b) => (b.time ?? '').localeCompare(a.time ?? ''));
  const time = latest?.time ?? metadata.creationTimestamp;
  return latest && { manager: latest.manager, ...(time ? { time } : {}) };
}

/** Who wrote to an object as a whole last, status left aside: people and tools before controllers. */
export const authorOf = (live: KubeObject, isMeant: (manager: string) => boolean = () => true) =>
  lastWriter(live, ({ manager, subresource }) => {
    return subresource !== 'status' && !isController(manager) && isMeant(manager);
  }) ?? lastWriter(live, ({ manager, subresource }) => subresource !== 'status' && isMeant(manager));

/** Whether a manager is among those that own any field of the object by server-side apply. */
export const isAppliedBy = (live: KubeObject, manager: string) =>
  (live.metadata.managedFields ?? []).some(
    (entry) => entry.manager === manager && entry.operation === 'Apply',
  );

const tokensOf = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));

function owns(entry: ManagedFieldsEntry, live: KubeObject, tokens: string[]): boolean {
  let fields: unknown = entry.fieldsV1;
  let value: unknown = live;
  for (const token of tokens) {
    if (typeof fields !== 'object' || fields === null) return false;
    const set = fields as Record<string, unknown>;
    const next = Array.isArray(value)
      ? value[Number(token)]
      : (value as Record<string, unknown> | undefined)?.[token];
    const key = Array.isArray(value) ? keyOfItem(set, next) : `f:${token}`;
    if (key === undefined || !(key in set)) {
      // A list or map that is owned as a whole has no members in the set.
      return Object.keys(set).every((item) => item === '.');
    }
    fields = set[key];
    value = next;
  }
  return true;
}

/** Finds the entry `k:{…}` whose keys all equal those of the list item. */
function keyOfItem(set: Record<string, unknown>, item: unknown): string | undefined {
  return Object.keys(set).find((key) => {
    if (key.startsWith('v:')) return key === `v:${JSON.stringify(item)}`;
    if (!key.startsWith('k:') || typeof item !== 'object' || item === null) return false;
    const wanted = JSON.parse(key.slice(2)) as Record<string, unknown>;
    return Object.entries(wanted).every(([name, value]) => (item as Record<string, unknown>)[name] === value);
  });
}
