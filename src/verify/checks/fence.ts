import { isOlder, latestFence } from '../../model/fences.js';
import { kialiView } from '../../model/kiali.js';
import type { VerifyContext } from '../context.js';
import { ISTIO_NAMESPACE, PATHS } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass } from '../outcome.js';

const LEADS = 'topology.istio.io/controlPlaneClusters';
const HINT = 'Run `meshplan apply`, which replaces what was made before the fence.';

/** Per fenced cluster: the others neither lean on it, nor does what it may hold of them open them. */
export function fence(context: VerifyContext): CheckSpec[] {
  const { fenced, clusters } = context.mesh;
  return fenced.map(({ name, since }) => ({
    id: 'fence',
    cluster: name,
    claim: `no cluster of the mesh is led or read by ${name}, fenced since ${since}`,
    needs: clusters.map((cluster) => cluster.name),
    run: () => checkFence(context, name),
  }));
}

async function checkFence(context: VerifyContext, fenced: string): Promise<Outcome> {
  const { clusters } = context.mesh;
  const view = kialiView(context.mesh);
  const faults = await Promise.all(
    clusters.map(async ({ name, role }) => [
      ...leaderFault(context, name, fenced),
      ...(await tokenFault(context, name, 'istiod', PATHS.readerToken)),
      ...(view && view.home !== name
        ? await tokenFault(context, name, 'Kiali', kialiToken(view.namespace))
        : []),
      ...(role === 'primary' ? await secretFault(context, name, fenced) : []),
    ]),
  );
  const found = faults.flat();
  if (found.length > 0) return fail(found.join('; '), HINT);
  const names = clusters.map(({ name }) => name).join(', ');
  return pass(
    `${names}: no token of istiod${view ? ' or Kiali' : ''} is older than the fence, no annotation or remote secret names it`,
  );
}

/** Whether istio-system of a cluster still says that the fenced one leads it. */
function leaderFault({ facts }: VerifyContext, name: string, fenced: string): string[] {
  const known = facts.clusters[name];
  const home = known?.reachable ? known.namespaces.get(ISTIO_NAMESPACE) : undefined;
  const leaders = home?.metadata.annotations?.[LEADS]?.split(',') ?? [];
  return leaders.includes(fenced) ? [`${name} is led by ${fenced} (annotation of ${ISTIO_NAMESPACE})`] : [];
}

const kialiToken = (namespace: string) => `/api/v1/namespaces/${namespace}/secrets/kiali-remote-access`;

/** One that was made before the youngest fence may be in the hands of a cluster that was lost. */
async function tokenFault(
  context: VerifyContext,
  name: string,
  reader: string,
  path: string,
): Promise<string[]> {
  const since = latestFence(context.mesh)?.since;
  const secret = await context.read(name, path);
  if (!secret || since === undefined || !isOlder(secret, since)) return [];
  return [
    `the token of ${reader} in ${name} was made at ${secret.metadata.creationTimestamp}, before ${since}`,
  ];
}

async function secretFault(context: VerifyContext, primary: string, fenced: string): Promise<string[]> {
  const secret = await context.read(
    primary,
    `/api/v1/namespaces/${ISTIO_NAMESPACE}/secrets/istio-remote-secret-${fenced}`,
  );
  return secret ? [`istiod of ${primary} reads ${fenced} by a remote secret`] : [];
}
