import pLimit from 'p-limit';
import { discover } from '../cluster/discovery.js';
import { resourceFor } from '../cluster/paths.js';
import { type Look, poll } from '../cluster/poll.js';
import { applyObject, dropLabels, overwriteObject } from '../cluster/write.js';
import { MeshplanError } from '../errors/index.js';
import type { DesiredObject } from '../model/action.js';
import { type ApiResource, addressOf, type Cluster, type KubeObject, refOf } from '../model/kube.js';
import type { PlannedObject } from '../model/plan.js';
import { findUnknowns } from '../model/unknown.js';
import type { Observation } from '../observe/observe.js';
import { declaredObject } from '../observe/predict.js';
import { waitFor } from './bounds.js';
import { awaitGone, deleteAndAwait } from './delete.js';
import { handOver } from './handover.js';
import { CONCURRENCY, type ObjectContext, settleAll } from './object-context.js';
import { restart } from './restart.js';
import { retrying } from './retry.js';

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
    'EndpointSlice',
  ],
  // A Service that turns elsewhere finds its endpoints there.
  ['Service'],
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
  // What turned out not to be needed, as an EndpointSlice beside a hostname, is planned but no longer desired.
  const changed = planned.filter(
    (item) => ['create', 'update', 'replace'].includes(item.change) && byAddress.has(item.address),
  );
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
    // Once deleted it must come back, so Ctrl-C waits for this.
    const bounds = { ...context.bounds, signal: new AbortController().signal };
    await deleteAndAwait([planned], { ...context, bounds });
  }
  const isNew = planned.change === 'create' || planned.change === 'replace';
  const standing = {
    live,
    ours: !planned.shared,
    ...(planned.adoptedFrom ? { adoptedFrom: planned.adoptedFrom } : {}),
    ...(observation?.type === 'present' && observation.autoscaled ? { autoscaled: true } : {}),
  };
  const declared = isNew ? object : declaredObject(object, standing);
  // The UID is a precondition: an object that was made anew meanwhile is somebody else's.
  const wanted = isNew || !planned.uid ? declared : withUid(declared, planned.uid);
  const write = async () => {
    if (observation?.type === 'present' && observation.overwrite) {
      await overwriteObject(cluster, resource, wanted, { dryRun: false });
    }
    const applied = await applyObject(cluster, resource, wanted, { force: planned.force });
    const dropped = observation?.type === 'present' ? observation.dropped : undefined;
    return dropped ? dropLabels(cluster, resource, applied.object, dropped) : applied.object;
  };
  if (planned.restart === 'alone') {
    await restart(cluster, resource, planned, context.bounds);
    if (!planned.shared) await context.onApplied(planned, planned.uid ?? '');
    return;
  }
  const written = await retrying(`${planned.address} to be accepted`, write, context.bounds);
  if (planned.restart) await restart(cluster, resource, planned, context.bounds);
  const facts = context.facts().clusters[planned.cluster];
  if (object.kind === 'Namespace' && facts?.reachable) facts.namespaces.set(object.metadata.name, written);
  if (!planned.shared) await context.onApplied(planned, written.metadata.uid ?? '');
  if (planned.adoptedFrom) {
    const give = () => handOver(cluster, resource, written);
    await retrying(`${planned.address} to be handed over`, give, context.bounds);
  }
}

const withUid = (object: KubeObject, uid: string): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid },
});

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
  // A CRD may have brought the kind, or a version of it; it is served a moment later.
  const look = async (): Promise<Look<ApiResource>> => {
    facts.resources = await discover(cluster);
    const resource = resourceFor(facts.resources, planned);
    return resource ? { value: resource } : { pending: 'not yet' };
  };
  if (context.awaitsKinds) {
    return {
      cluster,
      resource: await poll(look, waitFor(context.bounds, 'kind-served', `${planned.kind} to be served`)),
    };
  }
  const found = await look();
  if ('value' in found) return { cluster, resource: found.value };
  throw new MeshplanError(
    'kind-not-served',
    `${planned.address}: the cluster serves no ${planned.kind} of ${planned.apiVersion}`,
    {
      hint: 'Install the CustomResourceDefinition that brings it, or take the object out of the manifests.',
    },
  );
}
