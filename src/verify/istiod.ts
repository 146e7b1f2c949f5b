import { MeshplanError } from '../errors/index.js';
import type { KubeObject } from '../model/kube.js';
import { versionOfBuild } from '../model/versions.js';
import type { VerifyContext } from './context.js';
import { ISTIO_NAMESPACE, ISTIOD_SELECTOR, PATHS, PORTS } from './names.js';

/** One line of istiod's `/debug/clusterz`. The primary itself has no secret. */
export interface ClusterzEntry {
  id: string;
  secretName?: string;
  /** `synced`, `syncing`, `timeout` or `closed`. */
  syncStatus: string;
}

/** What one istiod pod knows of its clusters. */
export interface ClusterzView {
  pod: string;
  entries: ClusterzEntry[];
}

/**
 * Names of istiod's ready pods in a primary.
 * @throws MeshplanError `istiod-not-ready` when there is none.
 */
async function readyIstiodPods(context: VerifyContext, primary: string): Promise<string[]> {
  return context.share(`${primary} istiod pods`, async () => {
    const { body } = await context.request(primary, PATHS.istiodPods, {
      query: { labelSelector: ISTIOD_SELECTOR },
    });
    const pods = ((body as { items?: KubeObject[] }).items ?? []).filter(isReady);
    if (pods.length === 0) {
      throw new MeshplanError('istiod-not-ready', `no istiod pod of ${primary} is ready`, {
        hint: `Look at it: kubectl --context CONTEXT -n ${ISTIO_NAMESPACE} describe pods -l app=istiod`,
      });
    }
    return pods.map((pod) => pod.metadata.name).sort();
  });
}

function isReady(pod: KubeObject): boolean {
  const status = pod.status as { conditions?: { type?: string; status?: string }[] } | undefined;
  const ready = status?.conditions?.some((item) => item.type === 'Ready' && item.status === 'True') ?? false;
  return ready && !pod.metadata.deletionTimestamp;
}

/** GET on a port of each ready istiod pod of a primary, through port-forwards. */
export async function askIstiods(
  context: VerifyContext,
  primary: string,
  port: number,
  path: string,
): Promise<{ pod: string; body: string }[]> {
  return context.share(`${primary} istiod:${port}${path}`, async () => {
    const pods = await readyIstiodPods(context, primary);
    return Promise.all(
      pods.map(async (pod) => {
        const target = { namespace: ISTIO_NAMESPACE, pod, port };
        return { pod, body: await context.portForward(primary, target, path) };
      }),
    );
  });
}

/** What each ready istiod pod of a primary runs, which stays as it is for as long as the pod does. */
export async function readVersions(
  context: VerifyContext,
  primary: string,
): Promise<{ pod: string; version: string }[]> {
  const pods = await readyIstiodPods(context, primary);
  return Promise.all(
    pods.map(async (pod) => {
      const target = { namespace: ISTIO_NAMESPACE, pod, port: PORTS.monitoring };
      const ask = () => context.portForward(primary, target, '/version');
      return { pod, version: versionOfBuild(await context.keep(`version of ${primary} ${pod}`, ask)) };
    }),
  );
}

/** Every ready istiod pod's view: replicas read the clusters each for itself. */
export async function readClusterz(context: VerifyContext, primary: string): Promise<ClusterzView[]> {
  const answers = await askIstiods(context, primary, PORTS.debug, '/debug/clusterz');
  return answers.map(({ pod, body }) => ({ pod, entries: JSON.parse(body) as ClusterzEntry[] }));
}

/** Whether every replica has read all these clusters. False too when istiod cannot be asked. */
export async function areSynced(
  context: VerifyContext,
  primary: string,
  clusters: string[],
): Promise<boolean> {
  const views = await readClusterz(context, primary).catch(() => []);
  const isSynced = (view: ClusterzView, cluster: string) =>
    view.entries.some((entry) => entry.id === cluster && entry.syncStatus === 'synced');
  return views.length > 0 && views.every((view) => clusters.every((cluster) => isSynced(view, cluster)));
}
