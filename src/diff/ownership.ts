import type { KubeObject, ManagedFieldsEntry } from '../model/kube.js';
import { type FieldSet, isLeaf, meansItem } from './field-set.js';

/** Who last wrote a field, other than meshplan: from `metadata.managedFields`. */
export interface FieldOwner {
  manager: string;
  time?: string;
}

/**
 * The other manager that owns the field at `pointer` in the live object, the most recent one where
 * there are several.
 */
export function foreignOwner(live: KubeObject, pointer: string, own: string): FieldOwner | undefined {
  const tokens = tokensOf(pointer);
  const latest = latestEntry(live, (entry) => entry.manager !== own && owns(entry, live, tokens));
  return latest && { manager: latest.manager, ...(latest.time ? { time: latest.time } : {}) };
}

type NamedEntry = ManagedFieldsEntry & { manager: string };

function latestEntry(
  { metadata }: KubeObject,
  isMeant: (entry: NamedEntry) => boolean,
): NamedEntry | undefined {
  const [latest] = (metadata.managedFields ?? [])
    .flatMap((entry) => (entry.manager === undefined ? [] : [{ ...entry, manager: entry.manager }]))
    .filter(isMeant)
    .sort((a, b) => (b.time ?? '').localeCompare(a.time ?? ''));
  return latest;
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
export const isController = (manager: string): boolean => CONTROLLERS.has(manager);

/** The latest of an object's writers that is meant. Where no time is noted it is that of the creation. */
export function lastWriter(
  live: KubeObject,
  isMeant: (entry: NamedEntry) => boolean,
): FieldOwner | undefined {
  const latest = latestEntry(live, isMeant);
  const time = latest?.time ?? live.metadata.creationTimestamp;
  return latest && { manager: latest.manager, ...(time ? { time } : {}) };
}

/** Who wrote to an object as a whole last, status left aside: people and tools before controllers. */
export function authorOf(
  live: KubeObject,
  isMeant: (manager: string) => boolean = () => true,
): FieldOwner | undefined {
  const isWriter = ({ manager, subresource }: NamedEntry) => subresource !== 'status' && isMeant(manager);
  return (
    lastWriter(live, (entry) => isWriter(entry) && !isController(entry.manager)) ?? lastWriter(live, isWriter)
  );
}

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
    const set = fields as FieldSet;
    const next = Array.isArray(value)
      ? value[Number(token)]
      : (value as Record<string, unknown> | undefined)?.[token];
    const key = Array.isArray(value) ? Object.keys(set).find((item) => meansItem(item, next)) : `f:${token}`;
    if (key === undefined || !(key in set)) return isLeaf(set);
    fields = set[key];
    value = next;
  }
  return true;
}
