import type { DesiredAction } from '../model/action.js';
import { addressOf, type ObjectRef, refOf } from '../model/kube.js';
import { actionId, EXPOSURE_SERVICE, ISTIO_NAMESPACE, remoteSecretName } from '../model/names.js';
import type { PlannedObject } from '../model/plan.js';
import type { RemovalPlanInput } from './removal.js';

/**
 * A removal comes last of all, so that nothing is taken away before what replaces it is there: a workload that
 * moves to another cluster runs there first. What istiod is reached by goes once no remote leans on it any more,
 * for remotes may move to another primary.
 */
export function before(cluster: string, objects: PlannedObject[], input: RemovalPlanInput): string[] {
  const endsIstiod = objects.some(
    ({ change, namespace, kind, name }) =>
      change === 'delete' && namespace === ISTIO_NAMESPACE && ISTIOD.has(`${kind}/${name}`),
  );
  const isMove = ({ kind }: DesiredAction) => kind === 'data-plane' || kind === 'federation';
  const parted = remotesParted(objects);
  const leaving = new Set(objects.filter(({ change }) => change === 'delete').map(nameAnywhere));
  const isNewHome = (action: DesiredAction) =>
    action.kind === 'workload' &&
    action.objects.some((item) => {
      const ref = refOf(item.cluster, item.object);
      return leaving.has(nameAnywhere(ref)) && !isOldHome(addressOf(ref), input);
    });
  return input.actions
    .filter(
      (action) =>
        action.cluster === cluster ||
        (endsIstiod && isMove(action)) ||
        takesOver(action, parted) ||
        isNewHome(action),
    )
    .map((action) => action.id);
}

/** The remotes of which a primary loses its remote secret. */
const remotesParted = (objects: PlannedObject[]): string[] =>
  objects.flatMap(({ change, kind, namespace, name }) =>
    change === 'delete' &&
    kind === 'Secret' &&
    namespace === ISTIO_NAMESPACE &&
    name.startsWith(SECRET_PREFIX)
      ? [name.slice(SECRET_PREFIX.length)]
      : [],
  );

const SECRET_PREFIX = remoteSecretName('');

/** Whether an action is a step by which a remote comes to another istiod, its own one included. */
const takesOver = ({ kind, cluster, id }: DesiredAction, remotes: string[]) =>
  (['data-plane', 'control-plane'].includes(kind) && remotes.includes(cluster)) ||
  remotes.some((remote) => id === actionId.federate(cluster, remote));

/** An object that was made before, in a cluster that does not show it now: it is not on its way there. */
const isOldHome = (address: string, { known, observations }: RemovalPlanInput) =>
  known.has(address) && ['unreachable', 'unread'].includes(observations.objects.get(address)?.type ?? '');

/** What an object is called, in whatever cluster. */
const nameAnywhere = ({ apiVersion, kind, namespace, name }: Omit<ObjectRef, 'cluster'>) =>
  addressOf({ cluster: '', apiVersion, kind, name, ...(namespace ? { namespace } : {}) });

const ISTIOD: ReadonlySet<string> = new Set([
  'Deployment/istiod',
  'Service/istiod',
  `Service/${EXPOSURE_SERVICE}`,
]);
