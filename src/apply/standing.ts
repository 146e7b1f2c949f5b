import { getObject } from '../cluster/read.js';
import type { Context } from '../engine/context.js';
import { messageOf } from '../errors/index.js';
import type { DesiredAction, Wait } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import type { Cluster } from '../model/kube.js';
import { actionId, ISTIO_NAMESPACE, remoteSecretName } from '../model/names.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import type { Standing, StandingPoint } from '../model/standing.js';
import { lookerFor, type WaitContext } from './waits.js';

/** A cluster that is silent now must not hold up the last word of a run. */
const REQUEST_MS = 5_000;

/**
 * What is connected and what is not: istiod of each primary, and for each remote its secret in the primary,
 * the trust of its injection webhook and the root in its namespaces. What cannot be read is undefined.
 */
export async function standingOf(
  { mesh, clusters, trust }: Pick<Context, 'mesh' | 'clusters' | 'trust'>,
  actions: readonly DesiredAction[],
  facts: Facts,
): Promise<Standing[]> {
  const context: WaitContext = {
    clusters: new Map([...clusters].map(([name, cluster]) => [name, impatient(cluster)])),
    facts: () => facts,
    fingerprintsIn: trust.fingerprintsIn,
    onResources: () => undefined,
  };
  return Promise.all(
    mesh.clusters.map(async (cluster) => {
      const { name, role, primary } = cluster;
      const id = role === 'primary' ? actionId.controlPlane(name) : actionId.federate(primary, name);
      const waits = actions.find((action) => action.id === id)?.waits ?? [];
      const secret = role === 'remote' ? [remoteSecret(cluster, context)] : [];
      const points = await Promise.all([...secret, ...waits.map((wait) => conditionOf(wait, context))]);
      return { cluster: name, role, primary, points };
    }),
  );
}

/** The same cluster with one short try for each request. */
const impatient = (cluster: Cluster): Cluster => ({
  ...cluster,
  request: (path, options) =>
    cluster.request(path, { ...options, timeoutMs: REQUEST_MS, signal: AbortSignal.timeout(REQUEST_MS) }),
});

function remoteSecret({ name, primary }: ResolvedCluster, context: WaitContext): Promise<StandingPoint> {
  const path = `/api/v1/namespaces/${ISTIO_NAMESPACE}/secrets/${remoteSecretName(name)}`;
  return pointOf(`${primary} has the remote secret of ${name}`, primary, context, async (cluster) =>
    (await getObject(cluster, path)) ? undefined : 'it does not exist',
  );
}

const conditionOf = (wait: Wait, context: WaitContext): Promise<StandingPoint> =>
  pointOf(claimOf(wait), wait.cluster, context, async (cluster) => {
    const seen = await lookerFor(wait, cluster, context)();
    return 'value' in seen ? undefined : seen.pending;
  });

async function pointOf(
  claim: string,
  name: string,
  { clusters }: WaitContext,
  whyNot: (cluster: Cluster) => Promise<string | undefined>,
): Promise<StandingPoint> {
  const cluster = clusters.get(name);
  if (!cluster) return { claim, holds: undefined, why: `${name} is not connected` };
  try {
    const why = await whyNot(cluster);
    return why === undefined ? { claim, holds: true } : { claim, holds: false, why };
  } catch (error) {
    return { claim, holds: undefined, why: messageOf(error) };
  }
}

function claimOf(wait: Wait): string {
  switch (wait.type) {
    case 'rollout':
      return `${wait.name} is available`;
    case 'injector-trusted':
      return 'the injection webhook has the certificate of istiod';
    case 'root-distributed':
      return `namespace ${wait.namespace} has the root certificate`;
    case 'crds-established':
      return "Istio's kinds are served";
  }
}
