import type { DesiredAction, DesiredObject, Wait } from '../model/action.js';
import { isCrd } from '../model/crd.js';
import type { Facts } from '../model/facts.js';
import type { KubeObject } from '../model/kube.js';
import { actionId, isProtected, protectedObject } from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh, ResolvedWorkload } from '../model/resolved-mesh.js';
import { rolloutKindOf } from '../model/rollout.js';
import { isMoving } from './moves.js';

/** The user's manifests in their clusters, and the Services by which other clusters call them. */
export function workloadActions(mesh: ResolvedMesh, facts: Facts): DesiredAction[] {
  const names = workloadNames(mesh.workloads);
  return mesh.workloads.flatMap((workload, index) => {
    const name = names[index] ?? String(index);
    const here = selected(mesh, workload.clusters).flatMap((cluster) => [
      ...kindsAction(workload, cluster, name),
      ...workloadAction(workload, cluster, name, injectionGate(cluster, facts)),
    ]);
    const callers = workload.callableFrom.filter((cluster) => !workload.clusters.includes(cluster));
    const there = selected(mesh, callers).flatMap((cluster) => callableAction(workload, cluster, name));
    return [...here, ...there];
  });
}

const selected = (mesh: ResolvedMesh, names: string[]) =>
  mesh.clusters.filter((cluster) => names.includes(cluster.name));

/** `apps/frontend.yaml` → `apps-frontend`, so that the id can stand in a glob of `--target`. */
function workloadNames(workloads: ResolvedWorkload[]): string[] {
  const taken = new Set<string>();
  return workloads.map(({ manifests }) => {
    const base = manifests.replace(/\.(ya?ml|json)$/, '').replaceAll(/[^A-Za-z0-9._-]+/g, '-');
    const name = base.replaceAll(/^[-.]+|[-.]+$/g, '') || 'manifests';
    let free = name;
    for (let count = 2; taken.has(free); count += 1) free = `${name}-${count}`;
    taken.add(free);
    return free;
  });
}

/** The objects of a workload in a cluster with their places: CRDs, or all else. */
const objectsOf = (workload: ResolvedWorkload, cluster: ResolvedCluster, crds: boolean): DesiredObject[] =>
  (workload.objects.get(cluster.name) ?? [])
    .filter(({ object }) => isCrd(object) === crds)
    .map(({ object, source, fieldAt }) => ({
      cluster: cluster.name,
      object: kept(workload, object),
      source,
      ...(fieldAt ? { fieldAt } : {}),
      ...(workload.restart ? { restart: true } : {}),
    }));

const kept = ({ preventDelete }: ResolvedWorkload, object: KubeObject) =>
  preventDelete ? protectedObject(object) : object;

/**
 * CRDs come first and alone: workloads may bring kinds for each other, which no order of whole workloads
 * could serve.
 */
function kindsAction(workload: ResolvedWorkload, cluster: ResolvedCluster, name: string): DesiredAction[] {
  const objects = objectsOf(workload, cluster, true);
  if (objects.length === 0) return [];
  return [
    {
      id: actionId.workloadCrds(cluster.name, name),
      kind: 'crds',
      cluster: cluster.name,
      after: [],
      purpose: `resource kinds of ${workload.manifests}`,
      source: workload.source,
      objects,
      waits: [],
    },
  ];
}

function workloadAction(
  workload: ResolvedWorkload,
  cluster: ResolvedCluster,
  name: string,
  gate: string,
): DesiredAction[] {
  const objects = objectsOf(workload, cluster, false);
  if (objects.length === 0) return [];
  return [
    {
      id: actionId.workload(cluster.name, name),
      kind: 'workload',
      cluster: cluster.name,
      // Pods must be created after injection works, or they start without a sidecar.
      after: [gate],
      purpose: `workload of ${workload.manifests}`,
      source: workload.source,
      objects,
      waits: objects.flatMap(({ object }) => rolloutOf(cluster, object)),
    },
  ];
}

function rolloutOf(cluster: ResolvedCluster, object: KubeObject): Wait[] {
  const kind = rolloutKindOf(object);
  if (!kind) return [];
  const { namespace = 'default', name } = object.metadata;
  return [{ type: 'rollout', cluster: cluster.name, kind, namespace, name }];
}

/** The action after which pods of a cluster get the right sidecar. */
function injectionGate(cluster: ResolvedCluster, facts: Facts): string {
  const { name, role, primary } = cluster;
  if (role === 'primary') return actionId.controlPlane(name);
  return isMoving(facts, cluster) ? actionId.dataPlane(name) : actionId.federate(primary, name);
}

function callableAction(workload: ResolvedWorkload, cluster: ResolvedCluster, name: string): DesiredAction[] {
  const services = workload.callable.get(cluster.name) ?? [];
  if (services.length === 0) return [];
  const stubs = services.map((service) => kept(workload, callableService(service)));
  return [
    {
      id: actionId.callable(cluster.name, name),
      kind: 'callable-service',
      cluster: cluster.name,
      after: [],
      purpose: 'a Service of the same name, so that it resolves here and the mesh leads calls to the pods',
      source: workload.source,
      objects: stubs.map((object) => ({ cluster: cluster.name, object })),
      waits: [],
    },
  ];
}

/**
 * The Service as its callers need it: same name, same ports by number *and name* (istiod matches
 * endpoints by port name; a differing one answers 503), and a ClusterIP of the caller's own cluster. The
 * headless have one here too: without pods their name would have no address. An ExternalName is the same alias.
 */
function callableService(service: KubeObject): KubeObject {
  const { metadata, spec } = service;
  const { ports, selector, type } = (spec ?? {}) as Record<string, unknown>;
  const { name, namespace, labels } = metadata;
  const plain = (ports as Record<string, unknown>[] | undefined)?.map(({ nodePort: _, ...port }) => port);
  const stub: KubeObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}) },
    spec: {
      ...(plain ? { ports: plain } : {}),
      ...(selector ? { selector } : {}),
      ...(type === 'ExternalName'
        ? { type, externalName: (spec as Record<string, unknown>).externalName }
        : {}),
    },
  };
  return isProtected(service) ? protectedObject(stub) : stub;
}
