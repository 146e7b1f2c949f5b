import { type Look, poll } from '../cluster/poll.js';
import { getObject, listObjects } from '../cluster/read.js';
import { rolloutLooker } from '../cluster/rollout/look.js';
import { MeshplanError, messageOf } from '../errors/index.js';
import type { Cluster, KubeObject } from '../model/kube.js';
import type { Check } from '../model/verify.js';
import {
  beginStep,
  clusterOf,
  interruptible,
  put,
  type Step,
  type TestContext,
  withoutSidecar,
} from './context.js';
import { KINDS } from './kinds.js';
import { CLIENT, deploymentOf, VERSIONS } from './names.js';
import { clusterObjects, namespaceObject } from './objects.js';
import { removeRemains } from './remains.js';

/** Milliseconds for istiod to give a new namespace the mesh's root; where it does not, pods say why. */
const ROOT_MS = 10_000;
const TELL_MS = 10_000;
const CURL_MS = 20_000;
/** The kubelet has tried, and says so; it would go on for ever. */
const HOPELESS =
  /\b(?:ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CreateContainerConfigError|RunContainerError|CrashLoopBackOff)\b/;

/** Makes the test's objects in one cluster and waits for its pods. Whatever fails becomes a check. */
export async function setUpCluster(context: TestContext, name: string): Promise<Check> {
  const unreachable = context.unreachable.get(name);
  const claim = `test pods of ${name} run with a sidecar`;
  const check = { id: 'traffic-set-up', cluster: name, claim };
  const step = beginStep(context, `${name}/set-up`, `namespace ${context.namespace}`);
  if (unreachable !== undefined) {
    step.skipped('the cluster cannot be reached');
    return { ...check, status: 'skip', evidence: `${name} cannot be reached` };
  }
  try {
    const pods = await makePods(context, name, step);
    await requireCurl(context, name, pods);
    context.pods.set(name, pods);
    const bare = withoutSidecar(context, name);
    const evidence = `${pods.length} pods are ready in ${context.namespace}`;
    step.done(`${pods.length} pods ready`);
    if (bare.length === 0)
      return { ...check, status: 'pass', evidence: `${evidence}, each with istio-proxy` };
    return {
      ...check,
      status: 'fail',
      evidence: `${evidence}, without istio-proxy: ${bare.join(', ')}`,
      hint: `The injection webhook of ${name} did not act on the label istio-injection=enabled: see the checks injector-address and injection.`,
    };
  } catch (error) {
    context.signal.throwIfAborted();
    step.failed(messageOf(error));
    const hint = error instanceof MeshplanError ? error.hint : undefined;
    return { ...check, status: 'fail', evidence: messageOf(error), ...(hint ? { hint } : {}) };
  }
}

async function makePods(context: TestContext, name: string, step: Step): Promise<KubeObject[]> {
  const { mesh, namespace, image, holder } = context;
  const cluster = interruptible(context, name);
  const removed = await removeRemains(cluster, mesh.name, holder);
  if (removed.length > 0) step.progress(`removes what a killed run left: ${removed.join(', ')}`);
  const shape = { mesh, namespace, image };
  // Not ended by Ctrl-C half-way: it could come to be after the clean-up has looked for it.
  await put(clusterOf(context, name), namespaceObject(shape, holder.text));
  await awaitRoot(context, cluster);
  const objects = clusterObjects(shape, name);
  // A pod without its ServiceAccount is refused, and its Deployment tries again only after a while.
  for (const isFirst of [true, false]) {
    const part = objects.filter(({ kind }) => (kind === 'Deployment') !== isFirst);
    await Promise.all(part.map((object) => put(cluster, object)));
  }
  const deployments = [CLIENT, ...VERSIONS.map(deploymentOf)];
  const patient = toldSeldom(step);
  await Promise.all(deployments.map((item) => awaitReady(context, cluster, item, patient)));
  return listObjects(cluster, KINDS.Pod, { namespace });
}

/** Whether a command can be run in the client, and curl is there: else every request would fail alike. */
async function requireCurl(
  { namespace, exec, signal }: TestContext,
  name: string,
  pods: readonly KubeObject[],
): Promise<void> {
  const pod = pods.find(({ metadata }) => metadata.labels?.app === CLIENT)?.metadata.name ?? '';
  const options = { timeoutMs: CURL_MS, signal };
  await exec(name, { namespace, pod, container: CLIENT }, ['curl', '--version'], options);
}

/** Pods take their time, all much the same: a line now and then is enough. */
export function toldSeldom({ progress }: Pick<Step, 'progress'>): Pick<Step, 'progress'> {
  let told = Date.now();
  return {
    progress: (message) => {
      if (Date.now() - told < TELL_MS) return;
      told = Date.now();
      progress(message);
    },
  };
}

/** Pods that come before the root wait for it with ever longer pauses, so it is cheaper to wait here. */
async function awaitRoot({ namespace, signal }: TestContext, cluster: Cluster): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps/istio-ca-root-cert`;
  const look = async (): Promise<Look<true>> =>
    (await getObject(cluster, path)) ? { value: true } : { pending: 'it is not there' };
  const options = { what: 'the root certificate', timeoutMs: ROOT_MS, signal, onReason: () => undefined };
  await poll(look, options).catch(() => undefined);
}

/** Waits for one Deployment. @throws MeshplanError with the reason why its pod is not ready. */
export async function awaitReady(
  { namespace, readyMs, signal }: TestContext,
  cluster: Cluster,
  name: string,
  step: Pick<Step, 'progress'>,
): Promise<void> {
  const lookOnce = rolloutLooker({ kind: 'Deployment', namespace, name }, cluster);
  const look = async () => {
    const seen = await lookOnce();
    if ('value' in seen || !HOPELESS.test(seen.pending)) return seen;
    throw notReady(`Deployment ${name}: ${seen.pending}`);
  };
  await poll(look, {
    what: `Deployment ${name}`,
    timeoutMs: readyMs,
    signal,
    onReason: (what, why) => step.progress(`waits for ${what}: ${why}`),
  }).catch((error: unknown) => {
    throw error instanceof MeshplanError && error.code === 'wait-timeout' ? notReady(error.message) : error;
  });
}

function notReady(message: string): MeshplanError {
  return new MeshplanError('traffic-not-ready', message, { hint: hintFor(message) });
}

function hintFor(message: string): string {
  if (/RunContainerError|CrashLoopBackOff/.test(message))
    return 'What the pods run does not start: the image must hold /agnhost and curl.';
  if (/Image|image/.test(message))
    return 'The nodes must be able to pull the image; --traffic-image names another that holds agnhost and curl.';
  if (/failed calling webhook/.test(message))
    return 'The injection webhook does not answer: see the checks exposure-tls, one-root and injector-address.';
  if (/exceeded quota|violates PodSecurity|denied the request|is forbidden/.test(message))
    return 'A quota, a Pod Security level or a policy of this cluster refuses the pod.';
  if (/Unschedulable|nodes are available/.test(message)) return 'No node has room for the pod.';
  if (/Startup probe failed\S* .*:15021/.test(message))
    return "The proxy does not start: it must reach istiod, by a name that the cluster's DNS knows. See the check exposure-tls, and CoreDNS.";
  if (/istio-ca-root-cert/.test(message))
    return 'istiod did not write the root certificate into the new namespace: see the check one-root.';
  return 'See the events of the namespace; --timeout gives the pods more time.';
}
