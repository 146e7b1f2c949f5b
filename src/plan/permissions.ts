import type { DesiredAction } from '../model/action.js';
import { isCrd } from '../model/crd.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Facts } from '../model/facts.js';
import type { Permission } from '../model/permission.js';
import { isUnread, type Plan, type PlannedObject } from '../model/plan.js';

type Verb = Permission['verb'];

/** What an apply asks of the server for a change. A server-side apply of what is not there needs two rights. */
function verbsOf({ change, uid }: PlannedObject): Verb[] {
  switch (change) {
    case 'create':
      return ['create', 'patch'];
    case 'update':
      return ['patch'];
    case 'unknown':
      return uid ? ['patch'] : ['create', 'patch'];
    case 'replace':
      return ['get', 'delete', 'create', 'patch'];
    case 'delete':
      return ['get', 'delete'];
    default:
      return [];
  }
}

/** The rights that carrying out a plan takes, each once, in the plan's order. */
export function permissionsOf(plan: Plan, actions: readonly DesiredAction[], facts: Facts): Permission[] {
  const kinds = comingKinds(actions);
  const needed = new Map<string, Permission>();
  for (const action of plan.actions) {
    if (action.change === 'noop' || action.change === 'blocked' || isUnread(action.reason)) continue;
    for (const object of action.objects) {
      const kind = kindOf(object, facts, kinds);
      if (!kind || isUnread(object.reason)) continue;
      const { cluster, name } = object;
      const namespace = kind.namespaced ? object.namespace : undefined;
      for (const verb of verbsOf(object)) {
        const key = [cluster, verb, kind.group, kind.resource, namespace, name].join(' ');
        const known = needed.get(key);
        if (known) known.actions.push(action.id);
        else {
          const { group, resource } = kind;
          const place = namespace ? { namespace } : {};
          needed.set(key, { cluster, verb, group, resource, ...place, name, actions: [action.id] });
        }
      }
    }
  }
  return [...needed.values()];
}

interface Kind {
  group: string;
  resource: string;
  namespaced: boolean;
}

const groupOf = (apiVersion: string) => (apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '');

function kindOf(object: PlannedObject, facts: Facts, coming: Map<string, Kind>): Kind | undefined {
  const known = facts.clusters[object.cluster];
  const served = known?.reachable
    ? known.resources.find(({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind)
    : undefined;
  const group = groupOf(object.apiVersion);
  if (served) return { group, resource: served.plural, namespaced: served.namespaced };
  return coming.get(`${object.cluster} ${group} ${object.kind}`);
}

/** Kinds that no server offers yet, by the CRDs that bring them. */
function comingKinds(actions: readonly DesiredAction[]): Map<string, Kind> {
  const entries = actions
    .flatMap((action) => action.objects)
    .flatMap(({ cluster, object }): [string, Kind][] => {
      if (!isCrd(object)) return [];
      const { group, names, scope } = object.spec;
      const kind = { group, resource: names.plural, namespaced: scope === 'Namespaced' };
      return [[`${cluster} ${group} ${names.kind}`, kind]];
    });
  return new Map(entries);
}

/** The rights of one user that are missing, one finding for each kind and namespace. */
export function permissionFindings(
  missing: readonly Permission[],
  users: ReadonlyMap<string, string>,
  severity: Diagnostic['severity'],
): Diagnostic[] {
  const groups = new Map<string, Permission[]>();
  for (const item of missing) {
    const key = [item.cluster, item.group, item.resource, item.namespace].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].map((items) => {
    const [{ cluster, group, resource, namespace }] = items as [Permission];
    const verbs = unique(items.map((item) => item.verb)).join(', ');
    const actions = unique(items.flatMap((item) => item.actions));
    const user = users.get(cluster);
    const where = namespace ? `in namespace ${namespace}` : 'at the cluster scope';
    return {
      severity,
      code: 'permission-missing',
      message: `cluster ${cluster}: ${user ? `user ${user}` : 'this user'} may not ${verbs} ${resource}${group ? `.${group}` : ''} ${where}, which ${some(actions)} ${actions.length === 1 ? 'needs' : 'need'}`,
      hint: 'Give the user these rights before the apply, or apply with another account.',
    };
  });
}

const unique = <T>(items: T[]): T[] => [...new Set(items)];

const some = (ids: string[]): string =>
  ids.length > 3 ? `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more` : ids.join(', ');
