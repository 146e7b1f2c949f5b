import {
  actionId,
  CONTROL_PLANE_CLUSTERS,
  INJECTOR_WEBHOOK,
  ISTIO_NAMESPACE,
  remoteSecretName,
} from '../../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../../model/resolved-mesh.js';
import type { Invariant, Violation } from './invariant.js';
import type { Held, PredictedState } from './state.js';

const PREFIX = 'Secret/istio-remote-secret-';
const HOME = `Namespace/${ISTIO_NAMESPACE}`;
const INJECTOR = `MutatingWebhookConfiguration/${INJECTOR_WEBHOOK}`;

const fatal = { severity: 'error', passing: false } as const;

/** A primary holds a remote secret for exactly the remotes that it serves, once they are ready for it. */
export const remoteSecrets: Invariant = {
  code: 'invariant-remote-secrets',
  concerns: new RegExp(`^(${PREFIX}.*|${HOME}|${INJECTOR})$`),
  violations: (state, mesh) => [
    ...mesh.clusters.flatMap(({ name }) =>
      state.all(name, PREFIX).flatMap(([remote, secret]) => faultsOf(state, mesh, name, remote, secret)),
    ),
    ...mesh.clusters.flatMap((cluster) => lacking(state, cluster)),
  ],
};

function faultsOf(
  state: PredictedState,
  mesh: ResolvedMesh,
  primary: string,
  name: string,
  secret: Held,
): Violation[] {
  const remote = mesh.clusters.find((cluster) => cluster.name === name);
  if (remote?.role !== 'remote' || remote.primary !== primary) {
    return [
      {
        ...fatal,
        subject: `${primary} ${name} foreign`,
        what: `${primary} would hold a remote secret for ${name}, which it does not serve, and istiod would lead there as well`,
        hint: 'Take the Secret out, or declare the cluster as a remote of this primary.',
      },
    ];
  }
  return [...misnamed(primary, name, secret), ...early(state, primary, name, secret)];
}

/** istiod knows a remote by the key in the Secret; pods say by which name they live. The two must agree. */
function misnamed(primary: string, name: string, { object }: Held): Violation[] {
  const keys = Object.keys((object.data ?? {}) as object);
  const named = object.metadata.annotations?.['networking.istio.io/cluster'] ?? name;
  if (keys.every((key) => key === name) && named === name) return [];
  return [
    {
      ...fatal,
      subject: `${primary} ${name} name`,
      what: `the remote secret for ${name} in ${primary} calls the cluster ${keys.find((key) => key !== name) ?? named}, so istiod looks for the pods of ${name} elsewhere`,
      hint: `Its only key and its annotation networking.istio.io/cluster have to be ${name}.`,
    },
  ];
}

/**
 * istiod reads once, when the secret comes, whether it leads in the remote, and what it may do there. Where a remote
 * comes from another istiod, its data plane is there already, and turns once it is known to the new one.
 */
function early(state: PredictedState, primary: string, name: string, secret: Held): Violation[] {
  if (secret.by === undefined || state.isDark(name)) return [];
  const home = state.get(name, HOME);
  const leaders = home?.object.metadata.annotations?.[CONTROL_PLANE_CLUSTERS]?.split(',') ?? [];
  const isLed = leaders.some((leader) => leader.trim() === primary || leader.trim() === '*');
  const plane = state.get(name, INJECTOR);
  const late = !(home && isLed && state.isSooner(home, secret))
    ? `the annotation ${CONTROL_PLANE_CLUSTERS} of its namespace istio-system`
    : !(plane && (state.before(name, INJECTOR) || state.isSooner(plane, secret)))
      ? 'its data plane'
      : undefined;
  if (late === undefined) return [];
  return [
    {
      ...fatal,
      subject: `${primary} ${name} early`,
      what: `the remote secret for ${name} would come before ${late}, so istiod would not lead there until it is started anew`,
      hint: `Let ${actionId.namespace(name, ISTIO_NAMESPACE)} and ${actionId.dataPlane(name)} be part of the apply, before it.`,
    },
  ];
}

/** A remote whose webhook has no istiod behind it: its injected namespaces get no pods. */
function lacking(state: PredictedState, { name, role, primary }: ResolvedCluster): Violation[] {
  if (role !== 'remote' || state.isDark(name) || state.isDark(primary)) return [];
  const key = `Secret/${remoteSecretName(name)}`;
  if (!state.get(name, INJECTOR) || state.get(primary, key)) return [];
  return [
    {
      subject: `${primary} ${name} missing`,
      what: `${name} would have its injection webhook, but ${primary} no remote secret for it, so no pod of an injected namespace could be created there`,
      hint: `Apply ${actionId.federate(primary, name)}, too.`,
      severity: state.before(primary, key) ? 'error' : 'warning',
      passing: true,
    },
  ];
}
