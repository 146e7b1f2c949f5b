import type { Operation } from 'fast-json-patch';
import { IMPACTS, type Impact } from '../model/action.js';
import { ISTIO_NAMESPACE, remoteSecretName } from '../model/names.js';
import { isUnread, type Plan, type PlannedAction, type PlannedObject } from '../model/plan.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import { FAMILIES, type Family, familyOf } from './families.js';

/** What decides the impact of a change beside the change itself. */
interface Scene {
  /** Whether it takes part in the mesh. */
  isDeclared(cluster: string): boolean;
  isPrimary(cluster: string): boolean;
  /** Whether istiod already runs for a cluster, so that there may be proxies. */
  isServed(cluster: string): boolean;
  anyServed: boolean;
}

export const rankOf = (impact: Impact): number => IMPACTS.indexOf(impact);

export const worstOf = (impacts: readonly (Impact | undefined)[]): Impact =>
  impacts.reduce<Impact>(
    (worst, impact) => (impact !== undefined && rankOf(impact) > rankOf(worst) ? impact : worst),
    'none',
  );

/** The worst that a plan does to traffic, and the actions that do it. */
export function worstImpact({ actions }: Pick<Plan, 'actions'>): { impact: Impact; actions: string[] } {
  const impact = worstOf(actions.map((action) => action.impact));
  const doers = actions.filter((action) => action.impact === impact && impact !== 'none');
  return { impact, actions: doers.map(({ id }) => id) };
}

/** The actions with what they do to traffic: each object's impact, and of an action the worst of its objects'. */
export function withImpacts(
  actions: readonly PlannedAction[],
  mesh: Pick<ResolvedMesh, 'clusters'>,
): PlannedAction[] {
  const scene = sceneOf(actions, mesh);
  return actions.map((action) => {
    const objects = action.objects.map((object) => {
      const impact = impactOfObject(object, scene);
      return impact === 'none' ? object : { ...object, impact };
    });
    // A root beside an istiod that has made its own: what it signed is not trusted any more.
    const own: Impact =
      action.kind === 'root-ca' && action.change === 'create' && scene.anyServed ? 'mtls-risk' : 'none';
    const isDone = action.change !== 'blocked' && !isUnread(action.reason);
    const impact = isDone ? worstOf([own, ...objects.map((object) => object.impact)]) : 'none';
    return { ...action, objects, impact };
  });
}

function sceneOf(actions: readonly PlannedAction[], { clusters }: Pick<ResolvedMesh, 'clusters'>): Scene {
  const running = new Set(
    actions
      .flatMap((action) => action.objects)
      .filter((object) => isIstiod(object) && object.uid !== undefined)
      .map((object) => object.cluster),
  );
  const primaryOf = new Map(clusters.map(({ name, primary }) => [name, primary]));
  return {
    isDeclared: (cluster) => primaryOf.has(cluster),
    isPrimary: (cluster) => primaryOf.get(cluster) === cluster,
    isServed: (cluster) => running.has(primaryOf.get(cluster) ?? cluster),
    anyServed: running.size > 0,
  };
}

const isIstiod = ({ kind, namespace, name }: PlannedObject) =>
  kind === 'Deployment' && namespace === ISTIO_NAMESPACE && name === 'istiod';

function impactOfObject(object: PlannedObject, scene: Scene): Impact {
  const family = familyOf(object, { isPrimary: scene.isPrimary(object.cluster) });
  if (isUnread(object.reason)) return 'none';
  switch (object.change) {
    case 'create': {
      // Somebody deleted what istiod has loaded: it gets an intermediate of the same root.
      if (family === FAMILIES.authority && object.reason === 'deleted-outside') return 'none';
      return scene.isServed(object.cluster) ? withTls(object, family.create) : 'none';
    }
    case 'update':
    case 'unknown':
      return impactOfUpdate(object, family);
    case 'replace':
      return withTls(object, family.replace);
    case 'delete':
      return isHandedOver(object, family, scene) ? 'proxies-reconnect' : family.delete;
    default:
      return 'none';
  }
}

/**
 * Whether what a cluster loses was for an istiod that others lean on no more, for mesh.yaml gives it and them to
 * another, which serves by then.
 */
function isHandedOver({ cluster, kind, name, reason }: PlannedObject, family: Family, scene: Scene): boolean {
  if (reason !== 'not-declared' || !scene.isDeclared(cluster)) return false;
  if (family === FAMILIES.remoteSecret) return scene.isDeclared(name.slice(remoteSecretName('').length));
  if (scene.isPrimary(cluster)) return family === FAMILIES.readerToken || isOldSlice(family, kind);
  return family === FAMILIES.istiod || family === FAMILIES.way || isOfIstiod(family, name);
}

const isOldSlice = (family: Family, kind: string) => family === FAMILIES.way && kind === 'EndpointSlice';

const isOfIstiod = (family: Family, name: string) =>
  family === FAMILIES.istioRights && name.startsWith('istiod');

/** An update without operations is one that cannot be told yet, or gives fields back: any of them may change. */
function impactOfUpdate(object: PlannedObject, family: Family): Impact {
  // What cannot be told of an authority is its next intermediate, which comes from the same root.
  if (family === FAMILIES.authority && object.change === 'unknown') return 'none';
  if (object.patch.length === 0) return family.update;
  const patch = object.patch.filter((operation) => !isMark(operation));
  const felt = family.felt ?? /^\/(?!metadata\/(labels|annotations))/;
  if (!patch.some(({ path }) => path === '' || felt.test(path))) return 'none';
  if (changesTrust(object)) return 'mtls-risk';
  return withTls(object, family.update);
}

/** Labels and annotations of meshplan's own tell nothing to anybody else. */
function isMark(operation: Operation): boolean {
  if (/^\/metadata\/(labels|annotations)\/meshplan\.dev~1/.test(operation.path)) return true;
  if (!/^\/metadata\/(labels|annotations)$/.test(operation.path) || !('value' in operation)) return false;
  return Object.keys(operation.value as object).every((key) => key.startsWith('meshplan.dev/'));
}

/** A DestinationRule says whether proxies speak mTLS to a host. */
const withTls = (object: PlannedObject, impact: Impact): Impact =>
  object.kind === 'DestinationRule' && impact !== 'none' && object.patch.some(speaksOfTls)
    ? 'mtls-risk'
    : impact;

const speaksOfTls = (operation: Operation) =>
  /\/tls(\/|$)/.test(operation.path) ||
  ('value' in operation && (JSON.stringify(operation.value) ?? '').includes('"tls":'));

/** Settings of the mesh, each with what is indented below it, that decide who is trusted. */
const TRUST_SETTINGS =
  /^(?:trustDomain|trustDomainAliases|caCertificates|certificates|enableAutoMtls|meshMTLS|rootNamespace):.*(?:\n[ -].*)*/gm;

function changesTrust({ kind, name, namespace, patch, before }: PlannedObject): boolean {
  if (kind !== 'ConfigMap' || name !== 'istio' || namespace !== ISTIO_NAMESPACE) return false;
  return patch.some((operation) => {
    const was = before?.[operation.path];
    if (operation.op !== 'replace' || operation.path !== '/data/mesh' || typeof was !== 'string')
      return false;
    return trustIn(was) !== trustIn(String(operation.value));
  });
}

const trustIn = (text: string) => (text.match(TRUST_SETTINGS) ?? []).sort().join('\n');
