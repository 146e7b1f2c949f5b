import { randomBytes } from 'node:crypto';
import { ApiError } from '../../errors/index.js';
import type { KubeObject } from '../../model/kube.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { VerifyContext } from '../context.js';
import { PATHS } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass, skip, unsettled } from '../outcome.js';

/** Longer than the ten seconds that an API server gives a webhook. */
const TIMEOUT_MS = 15_000;

const HINTS = {
  label:
    'The namespace must carry the label istio-injection=enabled, and the webhook istio-sidecar-injector must match it: run `meshplan apply`.',
  revision:
    'The namespace must carry the label istio.io/rev alone, and an injector of that revision or tag must be in this cluster: run `meshplan plan`, which tells what is missing.',
  webhook:
    "The API server of this cluster must reach istiod's port 15017 and trust the webhook's caBundle: see the checks exposure-tls and one-root.",
  certificate:
    'The webhook calls istiod by an address that its certificate does not name: run `meshplan apply`, which leads the call through Service istiod, or gives istiod the name. If it still fails then, it is the injector istio-revision-tag-default of istioctl that asks so: delete that one.',
  identity:
    'The injector asks for another cluster: see the check injector-address, then run `meshplan apply`.',
  refused: 'The API server refused the probe pod: see its message; policies or quotas may be in the way.',
};

/** Per cluster: a pod made now gets a sidecar with the right cluster and network. */
export function injection(context: VerifyContext): CheckSpec[] {
  return context.mesh.clusters.map((cluster) => ({
    id: 'injection',
    cluster: cluster.name,
    claim: `new pods in ${cluster.name} get a sidecar for cluster ${cluster.name} and network ${cluster.network}`,
    needs: [cluster.name],
    istiod: cluster.primary,
    run: () => probeInjection(context, cluster),
  }));
}

/** One namespace for each injector that is asked for; what one of them lacks decides. */
async function probeInjection(context: VerifyContext, cluster: ResolvedCluster): Promise<Outcome> {
  const injected = context.mesh.namespaces.filter(
    (item) => item.injection && item.clusters.includes(cluster.name),
  );
  const byInjector = new Map<string | undefined, string>();
  for (const { injection, name } of injected) {
    const revision = typeof injection === 'object' ? injection.revision : undefined;
    if (!byInjector.has(revision)) byInjector.set(revision, name);
  }
  const outcomes = await Promise.all(
    [...byInjector].map(([revision, name]) => probeNamespace(context, cluster, name, revision)),
  );
  const faulty = outcomes.find(({ status }) => status !== 'pass');
  if (faulty) return faulty;
  if (outcomes.length > 0) return pass(outcomes.map(({ evidence }) => evidence).join('; '));
  return skip(`mesh.yaml declares no namespace with injection in ${cluster.name}`);
}

async function probeNamespace(
  context: VerifyContext,
  cluster: ResolvedCluster,
  namespace: string,
  revision: string | undefined,
): Promise<Outcome> {
  try {
    const { body } = await context.request(cluster.name, PATHS.pods(namespace), {
      method: 'POST',
      query: { dryRun: 'All', fieldManager: 'meshplan' },
      body: probePod(namespace),
      timeoutMs: TIMEOUT_MS,
    });
    return judgePod(body as KubeObject, cluster, revision);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return unsettled(fail(error.message, HINTS[reasonOf(error.message)]));
  }
}

/** How Go says that a certificate is of others: without any IP address, or for other names. */
const OTHER_NAME = /doesn't contain any IP SANs|certificate is valid for/;

export function reasonOf(message: string): 'certificate' | 'webhook' | 'refused' {
  if (!message.includes('failed calling webhook')) return 'refused';
  return OTHER_NAME.test(message) ? 'certificate' : 'webhook';
}

/** A pod that is never stored. Its security settings pass the strictest Pod Security level. */
function probePod(namespace: string): KubeObject {
  const securityContext = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsNonRoot: true,
    runAsUser: 65_532,
    seccompProfile: { type: 'RuntimeDefault' },
  };
  const resources = { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '1Mi' } };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `meshplan-probe-${randomBytes(4).toString('hex')}`, namespace },
    spec: { containers: [{ name: 'probe', image: 'probe', securityContext, resources }] },
  };
}

interface Container {
  name?: string;
  env?: { name?: string; value?: string }[];
}

/** Judges what the API server and its webhooks made of the probe. */
export function judgePod(
  pod: KubeObject,
  cluster: Pick<ResolvedCluster, 'name' | 'network'>,
  revision?: string,
): Outcome {
  const spec = pod.spec as { containers?: Container[]; initContainers?: Container[] } | undefined;
  // Where Kubernetes has native sidecars, istiod makes the proxy an init container.
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const where = `a dry-run pod in ${pod.metadata.namespace}`;
  const proxy = containers.find((item) => item.name === 'istio-proxy');
  if (!proxy) {
    const names = containers.map((item) => item.name).join(', ');
    return unsettled(
      fail(
        `${where} has only the containers ${names}`,
        revision === undefined ? HINTS.label : HINTS.revision,
      ),
    );
  }
  const env = (name: string) => proxy.env?.find((item) => item.name === name)?.value ?? '';
  const clusterId = env('ISTIO_META_CLUSTER_ID');
  const network = env('ISTIO_META_NETWORK');
  const evidence = `${where} has istio-proxy with ISTIO_META_CLUSTER_ID=${clusterId} and ISTIO_META_NETWORK=${network}`;
  if (clusterId !== cluster.name || network !== cluster.network) return fail(evidence, HINTS.identity);
  return pass(evidence);
}
