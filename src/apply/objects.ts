import pLimit from 'p-limit';
import { discover } from '../cluster/discovery.js';
import { objectPath, resourceFor } from '../cluster/paths.js';
import { getObject, listObjects } from '../cluster/read.js';
import { applyObject, deleteObject, overwriteObject } from '../cluster/write.js';
import { MeshplanError } from '../errors/index.js';
import type { DesiredObject } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import { type ApiResource, addressOf, type Cluster, type KubeObject, refOf } from '../model/kube.js';
import { ISTIO_NAMESPACE } from '../model/names.js';
import type { PlannedObject } from '../model/plan.js';
import { findUnknowns } from '../model/unknown.js';
import type { Observation } from '../observe/observe.js';
import { declaredObject } from '../observe/predict.js';
import { type PollOptions, poll } from './poll.js';

export interface ObjectContext {
  clusters: Map<string, Cluster>;
  facts: () => Facts;
  /** Told as soon as the server has taken an object, before anything else happens. */
  onApplied: (planned: PlannedObject, uid: string) => Promise<void>;
  onDeleted: (planned: PlannedObject) => Promise<void>;
  options: Omit<PollOptions, 'what'>;
}

/** Below the sockets of one cluster, so that one big action leaves room for the others. */
const CONCURRENCY = 6;

/**
 * Kinds in the order in which they must exist: pods need their accounts and configuration, and a webhook
 * that fails closed should come last.
 */
const WAVES = [
  ['Namespace', 'CustomResourceDefinition'],
  [
    'ServiceAccount',
    'ClusterRole',
    'ClusterRoleBinding',
    'Role',
    'RoleBinding',
    'ConfigMap',
    'Secret',
    'Service',
  ],
  ['*'],
  ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'],
];

const waveOf = (kind: string) => {
  const index = WAVES.findIndex((wave) => wave.includes(kind));
  return index < 0 ? WAVES.findIndex((wave) => wave.includes('*')) : index;
};

/** Applies the objects of an action that the plan changes, wave by wave. */
export async function applyObjects(
  desired: DesiredObject[],
  planned: PlannedObject[],
  observations: Map<string, Observation>,
  context: ObjectContext,
): Promise<number> {
  const byAddress = new Map(desired.map((item) => [addressOf(refOf(item.cluster, item.object)), item]));
  const changed = planned.filter((item) => ['create', 'update', 'replace'].includes(item.change));
  const limit = pLimit(CONCURRENCY);
  for (const index of WAVES.keys()) {
    const wave = changed.filter((item) => waveOf(item.kind) === index);
    await settleAll(
      wave.map((item) =>
        limit(async () => {
          const object = byAddress.get(item.address)?.object;
          if (object) await applyOne(object, item, observations.get(item.address), context);
        }),
      ),
    );
  }
  return changed.length;
}

/** Lets every write end before the first failure is told, so that each UID is recorded. */
async function settleAll(work: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw failure.reason;
}

async function applyOne(
  object: KubeObject,
  planned: PlannedObject,
  observation: Observation | undefined,
  context: ObjectContext,
): Promise<void> {
  const [missing] = findUnknowns(object);
  if (missing) {
    throw new MeshplanError(
      'value-unknown',
      `${planned.address}: ${missing.pointer} is still ${missing.value}`,
    );
  }
  const { cluster, resource } = await locate(planned, context);
  const live = observation && 'live' in observation ? observation.live : undefined;
  if (observation?.type === 'absent' && observation.terminating !== undefined) {
    await awaitGone(new Set([{ ...planned, uid: observation.terminating }]), context);
  }
  if (planned.change === 'replace') {
    await deleteAndAwait([planned], context);
  }
  const isNew = planned.change === 'create' || planned.change === 'replace';
  const wanted = isNew ? object : declaredObject(object, live, !planned.shared);
  if (observation?.type === 'present' && observation.overwrite) {
    await overwriteObject(cluster, resource, wanted, { dryRun: false });
  }
  const result = await applyObject(cluster, resource, wanted, { force: planned.force });
  const facts = context.facts().clusters[planned.cluster];
  if (object.kind === 'Namespace' && facts?.reachable)
    facts.namespaces.set(object.metadata.name, result.object);
  if (!planned.shared) await context.onApplied(planned, result.object.metadata.uid ?? '');
}

async function locate(
  planned: PlannedObject,
  context: ObjectContext,
): Promise<{ cluster: Cluster; resource: ApiResource }> {
  const cluster = context.clusters.get(planned.cluster);
  const facts = context.facts().clusters[planned.cluster];
  if (!cluster || !facts?.reachable) {
    throw new MeshplanError('cluster-unreachable', `cluster ${planned.cluster} is not connected`);
  }
  const known = resourceFor(facts.resources, planned);
  if (known) return { cluster, resource: known };
  // A CRD among the user's own manifests may have brought the kind a moment ago.
  facts.resources = await discover(cluster);
  const resource = resourceFor(facts.resources, planned);
  if (resource) return { cluster, resource };
  throw new MeshplanError(
    'kind-not-served',
    `${planned.address}: the cluster serves no ${planned.kind} of ${planned.apiVersion}`,
    {
      hint: 'Install the CustomResourceDefinition that brings it, or take the object out of the manifests.',
    },
  );
}

/** Deletes the objects of an action, and waits until they are gone. */
export async function deleteObjects(planned: PlannedObject[], context: ObjectContext): Promise<number> {
  const deletes = planned.filter((item) => item.change === 'delete');
  await deleteAndAwait(deletes, context);
  return deletes.length;
}

async function deleteAndAwait(planned: PlannedObject[], context: ObjectContext): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  const going = new Set<PlannedObject>();
  await settleAll(
    planned.map((item) =>
      limit(async () => {
        const found = place(item, context);
        if (found) {
          const { name, namespace, uid } = item;
          await deleteObject(found.cluster, found.resource, {
            name,
            uid: uid ?? '',
            ...(namespace ? { namespace } : {}),
          });
          going.add(item);
        } else {
          await context.onDeleted(item);
        }
      }),
    ),
  );
  if (going.size > 0) await awaitGone(going, context);
}

/** Where an object is deleted; a kind that is no longer served has no objects. */
function place(planned: PlannedObject, context: ObjectContext) {
  const facts = context.facts().clusters[planned.cluster];
  const cluster = context.clusters.get(planned.cluster);
  const resource = facts?.reachable ? resourceFor(facts.resources, planned) : undefined;
  return cluster && resource && planned.uid ? { cluster, resource } : undefined;
}

async function awaitGone(going: Set<PlannedObject>, context: ObjectContext): Promise<void> {
  const [first] = going;
  const total = going.size;
  const what = total === 1 ? `${first?.address} to be gone` : `${total} objects to be gone`;
  const limit = pLimit(CONCURRENCY);
  await poll(
    async () => {
      const reasons: string[] = [];
      await settleAll(
        [...going].map((item) =>
          limit(async () => {
            const reason = await whyStillThere(item, context);
            if (reason) reasons.push(total === 1 ? reason : `${item.address} ${reason}`);
            else {
              going.delete(item);
              await context.onDeleted(item);
            }
          }),
        ),
      );
      const [example] = reasons;
      if (example === undefined) return { value: true };
      return { pending: total === 1 ? example : `${reasons.length} are left, ${example}` };
    },
    { ...context.options, what },
  );
}

async function whyStillThere(planned: PlannedObject, context: ObjectContext): Promise<string | undefined> {
  const found = place(planned, context);
  if (!found) return undefined;
  const live = await getObject(found.cluster, objectPath(found.resource, planned.name, planned.namespace));
  if (live && live.metadata.uid === planned.uid) {
    const finalizers = (live.metadata.finalizers as string[] | undefined) ?? [];
    return finalizers.length > 0
      ? `is held by ${finalizers.join(', ')}`
      : (conditionOf(live) ?? 'is still there');
  }
  const isIstiod = planned.kind === 'Deployment' && planned.name === 'istiod';
  return isIstiod ? istiodPods(found.cluster) : undefined;
}

/** What the namespace controller says about a Namespace that does not end. */
function conditionOf(live: KubeObject): string | undefined {
  const { conditions } = (live.status ?? {}) as { conditions?: { status: string; message?: string }[] };
  return conditions?.find((item) => item.status === 'True')?.message;
}

const PODS: ApiResource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true, verbs: [] };

/** istiod must have ended before what it writes is taken away, or it writes it again. */
async function istiodPods(cluster: Cluster): Promise<string | undefined> {
  const pods = await listObjects(cluster, PODS, {
    namespace: ISTIO_NAMESPACE,
    labelSelector: 'app=istiod,istio.io/rev=default',
    metadataOnly: true,
  });
  return pods.length === 0 ? undefined : `has ${pods.length} pods that still run`;
}
