import { isController } from '../diff/ownership.js';
import type { KubeObject } from '../model/kube.js';
import { FIELD_MANAGER } from '../model/names.js';

/** Who made an object and set its fields, other than meshplan, in the order of managedFields. */
export function makersOf(live: KubeObject): string[] {
  const all = managersOf(live);
  const makers = all.filter((manager) => !isController(manager));
  return makers.length > 0 ? makers : all;
}

/** All field managers of an object but meshplan; those of its status and scale are none. */
export function managersOf(live: KubeObject): string[] {
  const entries = (live.metadata.managedFields ?? []).filter((entry) => !entry.subresource);
  const names = entries.flatMap(({ manager }) => (manager && manager !== FIELD_MANAGER ? [manager] : []));
  return [...new Set(names)];
}
