import jsonpatch, { type Operation } from 'fast-json-patch';
import { maskPatch } from '../diff/mask.js';
import { normalise } from '../diff/normalise.js';
import { authorOf, type FieldOwner, foreignOwner } from '../diff/ownership.js';
import type { DriftEntry } from '../model/drift.js';
import type { KubeObject } from '../model/kube.js';
import { FIELD_MANAGER } from '../model/names.js';

/** Declared fields of one of our objects that others changed: an entry for each who did. */
export function changedOutside(
  address: string,
  live: KubeObject,
  patch: Operation[],
  sensitive: boolean,
): DriftEntry[] {
  const byOwner = new Map<string, { owner: FieldOwner; operations: Operation[] }>();
  for (const operation of patch) {
    const owner = foreignOwner(live, operation.path, FIELD_MANAGER);
    if (!owner) continue;
    const key = `${owner.manager} ${owner.time ?? ''}`;
    const found = byOwner.get(key) ?? { owner, operations: [] };
    byOwner.set(key, { owner, operations: [...found.operations, operation] });
  }
  return [...byOwner.values()].map(({ owner, operations }) => ({
    address,
    lens: 'declared',
    rule: 'changed',
    patch: sensitive ? maskPatch(operations) : operations,
    before: liveValues(live, operations, sensitive),
    ...signed(owner),
  }));
}

/** An object that the state knows and that is gone. Nobody can tell by whom: its record went with it. */
export const deletedOutside = (address: string): DriftEntry => ({
  address,
  lens: 'declared',
  rule: 'deleted',
  patch: [],
});

/** An object that the state knows, deleted and made anew by somebody else under the same name. */
export const replacedOutside = (address: string, live: KubeObject): DriftEntry => ({
  address,
  lens: 'declared',
  rule: 'replaced',
  patch: [],
  ...signed(authorOf(live)),
});

/** Who and when, as an entry tells it. */
export const signed = (owner: FieldOwner | undefined): Pick<DriftEntry, 'by' | 'at'> => ({
  ...(owner ? { by: owner.manager } : {}),
  ...(owner?.time ? { at: owner.time } : {}),
});

/** What stands at the changed pointers now. Of a Secret nothing is told. */
export function liveValues(
  live: KubeObject,
  patch: Operation[],
  sensitive: boolean,
): Record<string, unknown> {
  if (sensitive) return {};
  const document = normalise(live);
  const entries = patch
    .filter((operation) => operation.op !== 'add')
    .map(({ path }) => [path, jsonpatch.getValueByPointer(document, path)] as const);
  return Object.fromEntries(entries);
}
