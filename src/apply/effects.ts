import { eventsAbout, warningsFirst, withEvent } from '../cluster/events.js';
import { type Look, poll } from '../cluster/poll.js';
import { getObject } from '../cluster/read.js';
import type { CertificateIssuer } from '../engine/context.js';
import { MeshplanError } from '../errors/index.js';
import { addressOfService, readerTokenOf } from '../facts/gather.js';
import type { Effect } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import type { Cluster } from '../model/kube.js';
import { CACERTS_SECRET, EXPOSURE_SERVICE, ISTIO_NAMESPACE } from '../model/names.js';
import type { StateCertificate } from '../model/state.js';
import { type Awaited, type Bounds, waitFor } from './bounds.js';

export interface EffectContext {
  clusters: Map<string, Cluster>;
  issuer: CertificateIssuer;
  bounds: Bounds;
}

/** What an effect brought: facts for later actions, and certificates for the state. */
export interface EffectResult {
  /** Applied to the facts as they are by then, for other effects end meanwhile. */
  learn: (facts: Facts) => Partial<Facts>;
  certificate?: { name: string } & StateCertificate;
}

/** Whether an effect must happen before the action's objects are applied, or reads what they bring. */
export const isBefore = (effect: Effect) => effect.type !== 'await-token';

/** Carries out what an action does beyond its objects. */
export async function perform(effect: Effect, context: EffectContext): Promise<EffectResult> {
  switch (effect.type) {
    case 'ensure-root': {
      await refuseLiveAuthority(context.clusters);
      const { certPem, fingerprint, notAfter } = await context.issuer.createRoot();
      return {
        learn: () => ({ root: { certPem, fingerprint, keyAvailable: true } }),
        certificate: { name: 'root', fingerprint, notAfter: notAfter.toISOString() },
      };
    }
    case 'issue-intermediate': {
      const { cluster } = effect;
      const { cacerts, fingerprint, notAfter } = await context.issuer.issueIntermediate(cluster);
      return {
        learn: (facts) => ({ cacerts: { ...facts.cacerts, [cluster]: cacerts } }),
        certificate: { name: cluster, fingerprint, notAfter: notAfter.toISOString() },
      };
    }
    case 'await-address': {
      const what = `the load balancer of ${EXPOSURE_SERVICE} in ${effect.cluster}`;
      const address = await read(effect.cluster, context, 'address', what, lookForAddress);
      return { learn: (facts) => ({ addresses: { ...facts.addresses, [effect.cluster]: address } }) };
    }
    case 'await-token': {
      const { cluster, reader, secret } = effect;
      const what = `the token of ${reader === 'istiod' ? 'istiod' : 'Kiali'} in ${cluster}`;
      const token = await read(cluster, context, 'token', what, (api) => lookForToken(api, secret));
      const field = reader === 'istiod' ? 'readerTokens' : 'kialiTokens';
      return { learn: (facts) => ({ [field]: { ...facts[field], [cluster]: token } }) };
    }
  }
}

/** A root must not be made beside one that has come into a cluster since the plan. */
async function refuseLiveAuthority(clusters: Map<string, Cluster>): Promise<void> {
  const path = `/api/v1/namespaces/${ISTIO_NAMESPACE}/secrets/${CACERTS_SECRET}`;
  for (const cluster of clusters.values()) {
    if (!(await getObject(cluster, path))) continue;
    throw new MeshplanError('trust-appeared', `${cluster.name} has got a Secret cacerts since the plan`, {
      hint: 'Nothing was replaced. Plan again, with the root key of that mesh at hand.',
    });
  }
}

function read<T>(
  name: string,
  context: EffectContext,
  awaited: Awaited,
  what: string,
  look: (cluster: Cluster) => Promise<Look<T>>,
): Promise<T> {
  const cluster = context.clusters.get(name);
  return poll(
    async () => (cluster ? look(cluster) : { pending: 'the cluster is not connected' }),
    waitFor(context.bounds, awaited, what),
  );
}

async function lookForAddress(cluster: Cluster): Promise<Look<string>> {
  const service = await getObject(
    cluster,
    `/api/v1/namespaces/${ISTIO_NAMESPACE}/services/${EXPOSURE_SERVICE}`,
  );
  const address = addressOfService(service);
  if (address) return { value: address };
  if (!service) return { pending: `Service ${EXPOSURE_SERVICE} does not exist` };
  const pending = `Service ${EXPOSURE_SERVICE} has no ingress`;
  return {
    pending,
    explain: async () => {
      const events = warningsFirst(await eventsAbout(cluster, [service]));
      return { pending: withEvent(pending, events) };
    },
  };
}

async function lookForToken(cluster: Cluster, { namespace, name }: { namespace: string; name: string }) {
  const secret = await getObject(cluster, `/api/v1/namespaces/${namespace}/secrets/${name}`);
  const token = readerTokenOf(secret);
  return token ? { value: token } : { pending: 'the token controller has not filled the Secret' };
}
