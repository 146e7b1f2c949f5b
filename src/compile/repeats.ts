import { isDeepStrictEqual } from 'node:util';
import { InvalidInputError } from '../errors/index.js';
import type { DesiredAction, DesiredObject } from '../model/action.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { addressOf, refOf } from '../model/kube.js';

/**
 * Of declarations of the same object the first that brings it applies it, and what needs it there waits for that
 * action. Those of manifests agree (the configuration sees to that); one of a manifest and one of the mesh itself,
 * whose objects only the charts tell, are compared here.
 * @throws InvalidInputError `conflicting-declaration`
 */
export function withoutRepeats(actions: DesiredAction[]): DesiredAction[] {
  const brought = new Map<string, { by: DesiredAction; item: DesiredObject }>();
  const conflicts: Diagnostic[] = [];
  const single = actions.map((action) => {
    const after = new Set(action.after);
    const objects = action.objects.filter((item) => {
      const address = addressOf(refOf(item.cluster, item.object));
      const first = brought.get(address);
      if (first === undefined) {
        brought.set(address, { by: action, item });
        return true;
      }
      after.add(first.by.id);
      conflicts.push(...conflict(address, { by: action, item }, first));
      return false;
    });
    return { ...action, after: [...after], objects };
  });
  if (conflicts.length > 0) throw new InvalidInputError(conflicts);
  return single;
}

interface Bringer {
  by: DesiredAction;
  item: DesiredObject;
}

function conflict(address: string, one: Bringer, other: Bringer): Diagnostic[] {
  const [manifest, own] = one.item.source ? [one, other] : [other, one];
  const { source } = manifest.item;
  if (!source || own.item.source || isDeepStrictEqual(one.item.object, other.item.object)) return [];
  return [
    {
      severity: 'error',
      code: 'conflicting-declaration',
      message: `${address} is meshplan's own (${own.by.id}: ${own.by.purpose}), and this manifest brings another`,
      hint: 'take it out of the manifest, or give it another name',
      ...source,
    },
  ];
}
