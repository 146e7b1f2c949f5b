import { discover } from '../cluster/discovery.js';
import { type Look, poll } from '../cluster/poll.js';
import { getObject } from '../cluster/read.js';
import { type RolloutEnd, rolloutLooker } from '../cluster/rollout/look.js';
import type { Wait } from '../model/action.js';
import type { Facts, ReachableCluster } from '../model/facts.js';
import type { ApiResource, Cluster } from '../model/kube.js';
import { INJECTOR_WEBHOOK } from '../model/names.js';
import { type Bounds, waitFor } from './bounds.js';
import { retryOfRefused } from './refused-pods.js';

export interface WaitContext {
  clusters: Map<string, Cluster>;
  facts: () => Facts;
  fingerprintsIn: (bundle: string) => string[];
  /** Called when discovery shows new kinds, so that objects of them can be applied. */
  onResources: (cluster: string, resources: ApiResource[]) => void;
}

/**
 * Waits until one condition holds; tells what of it was not waited for, if anything. Errors are those of `poll`,
 * and `rollout-failed`.
 */
export async function awaitCondition(
  wait: Wait,
  context: WaitContext,
  bounds: Bounds,
): Promise<string | undefined> {
  const cluster = context.clusters.get(wait.cluster);
  if (!cluster) return undefined;
  const retry = isDeployment(wait) ? retryOfRefused(wait, cluster) : undefined;
  const lookOnce = lookerFor(wait, cluster, context);
  const look = async () => {
    const seen = await lookOnce();
    if (!('value' in seen)) await retry?.();
    return seen;
  };
  return (await poll(look, waitFor(bounds, wait.type, describe(wait)))).note;
}

/** Whether it is a Deployment's rollout, whose refused pods can be tried again. */
export const isDeployment = (wait: Wait): wait is Wait & { type: 'rollout' } =>
  wait.type === 'rollout' && wait.kind === 'Deployment';

function describe(wait: Wait): string {
  switch (wait.type) {
    case 'crds-established':
      return `${wait.names.length === 1 ? wait.names[0] : `${wait.names.length} kinds`} to be served in ${wait.cluster}`;
    case 'rollout':
      return `${wait.kind} ${wait.namespace}/${wait.name} in ${wait.cluster}`;
    case 'injector-trusted':
      return `istiod to put its certificate into the injection webhook of ${wait.cluster}`;
    case 'root-distributed':
      return `istiod to write istio-ca-root-cert into ${wait.namespace} of ${wait.cluster}`;
  }
}

/** Looks whether a condition holds, or why not yet. The looks throw ApiError and UnreachableError. */
export function lookerFor(
  wait: Wait,
  cluster: Cluster,
  context: WaitContext,
): () => Promise<Look<RolloutEnd>> {
  switch (wait.type) {
    case 'crds-established':
      return () => lookForCrds(wait.names, cluster, context);
    case 'rollout':
      return rolloutLooker(wait, cluster);
    case 'injector-trusted':
      return () => lookForInjector(cluster, context);
    case 'root-distributed':
      return () => lookForRoot(wait.namespace, cluster);
  }
}

const HOLDS = { value: {} };

async function lookForCrds(
  names: string[],
  cluster: Cluster,
  context: WaitContext,
): Promise<Look<RolloutEnd>> {
  const isServed = (resources: ApiResource[], name: string) =>
    resources.some((item) => `${item.plural}.${item.apiVersion.split('/')[0]}` === name);
  const known = context.facts().clusters[cluster.name] as ReachableCluster;
  if (names.every((name) => isServed(known.resources, name))) return HOLDS;
  const resources = await discover(cluster);
  const missing = names.filter((name) => !isServed(resources, name));
  if (missing.length > 0)
    return { pending: `${missing.length} of ${names.length} are not served yet, ${missing[0]} first` };
  context.onResources(cluster.name, resources);
  return HOLDS;
}

async function lookForInjector(cluster: Cluster, context: WaitContext): Promise<Look<RolloutEnd>> {
  const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${INJECTOR_WEBHOOK}`;
  const live = await getObject(cluster, path);
  if (!live) return { pending: 'the webhook does not exist' };
  const webhooks = (live.webhooks ?? []) as { name: string; clientConfig?: { caBundle?: string } }[];
  const root = context.facts().root?.fingerprint;
  for (const webhook of webhooks) {
    const bundle = webhook.clientConfig?.caBundle;
    if (!bundle) return { pending: `${webhook.name} has no caBundle` };
    const found = context.fingerprintsIn(Buffer.from(bundle, 'base64').toString('utf8'));
    if (root && !found.includes(root))
      return { pending: `the caBundle of ${webhook.name} is not the mesh's root` };
  }
  return HOLDS;
}

async function lookForRoot(namespace: string, cluster: Cluster): Promise<Look<RolloutEnd>> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/istio-ca-root-cert`;
  const live = await getObject(cluster, path);
  const data = (live?.data ?? {}) as Record<string, string>;
  return data['root-cert.pem'] ? HOLDS : { pending: 'it is not there' };
}
