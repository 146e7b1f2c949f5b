import type { DesiredAction, Wait } from '../model/action.js';
import { type Crd, isCrd, kindKeyOf, kindsOf } from '../model/crd.js';

/**
 * The edges that follow from the objects alone, as kapp draws them: what is of a kind comes after the
 * CustomResourceDefinition that brings the kind and waits until it is served; what lives in a namespace
 * comes after the Namespace. Both within one cluster, whichever actions bring them.
 */
export function withImplicitEdges(actions: DesiredAction[]): DesiredAction[] {
  const kinds = new Map<string, { id: string; crd: Crd }>();
  const namespaces = new Map<string, string>();
  for (const { id, objects } of actions) {
    for (const { cluster, object } of objects) {
      if (isCrd(object)) {
        for (const key of kindsOf(object)) putFirst(kinds, `${cluster} ${key}`, { id, crd: object });
      }
      if (object.kind === 'Namespace') putFirst(namespaces, `${cluster} ${object.metadata.name}`, id);
    }
  }
  return actions.map((action) => {
    const needs = action.objects.flatMap(
      ({ cluster, object }) => kinds.get(`${cluster} ${kindKeyOf(object)}`) ?? [],
    );
    const homes = action.objects.flatMap(
      ({ cluster, object }) => namespaces.get(`${cluster} ${object.metadata.namespace}`) ?? [],
    );
    const before = [...homes, ...needs.map(({ id }) => id)].filter((id) => id !== action.id);
    const after = [...new Set([...action.after, ...before])];
    const gates = [...(action.gates ?? []), ...served(action.cluster, needs)];
    return { ...action, after, ...(gates.length > 0 ? { gates } : {}) };
  });
}

function putFirst<T>(map: Map<string, T>, key: string, value: T): void {
  if (!map.has(key)) map.set(key, value);
}

/** Kinds are served some seconds after their CRDs are there. */
function served(cluster: string, needs: { crd: Crd }[]): Wait[] {
  const names = [...new Set(needs.map(({ crd }) => crd.metadata.name))];
  return names.length > 0 ? [{ type: 'crds-established', cluster, names }] : [];
}
