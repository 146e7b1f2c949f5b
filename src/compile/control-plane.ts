import type { DesiredAction, DesiredObject, Wait } from '../model/action.js';
import { isCrd } from '../model/crd.js';
import type { Facts, Inherited } from '../model/facts.js';
import type { KubeObject } from '../model/kube.js';
import { ADOPTED_LABEL, actionId, EXPOSURE_SERVICE, ISTIO_NAMESPACE, namespaced } from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import { isExposed, remotesOf } from './charts.js';
import { isMoving, turnNotes } from './moves.js';
import { istiodPolicy, policyNotes } from './network-policy.js';

const within = (cluster: ResolvedCluster, objects: KubeObject[]): DesiredObject[] =>
  objects.map((object) => ({ cluster: cluster.name, object }));

/** Istio's CustomResourceDefinitions. */
export function crdsAction(cluster: ResolvedCluster, chart: KubeObject[]): DesiredAction {
  const crds = chart.filter(isCrd);
  return {
    id: actionId.crds(cluster.name),
    kind: 'crds',
    cluster: cluster.name,
    after: [],
    purpose: "Istio's resource kinds",
    objects: within(cluster, crds),
    waits: [],
  };
}

/** istiod-external and its address; only a primary that serves remotes has them. */
export function exposureActions(mesh: ResolvedMesh, facts: Facts, primary: ResolvedCluster): DesiredAction[] {
  if (!isExposed(mesh, primary.name)) return [];
  const { type, annotations, allowFrom, address } = primary.controlPlane.exposure;
  const service = namespaced('v1', 'Service', ISTIO_NAMESPACE, EXPOSURE_SERVICE, {
    spec: {
      type,
      // With `app: istiod` alone the Service would catch every revision.
      selector: { app: 'istiod', 'istio.io/rev': 'default' },
      ports: [port('https-dns', 15012), port('https-webhook', 15017)],
      ...(allowFrom.length > 0 ? { loadBalancerSourceRanges: allowFrom } : {}),
    },
  });
  if (Object.keys(annotations).length > 0) service.metadata.annotations = annotations;
  const surroundings = facts.surroundings?.[primary.name];
  const policy = surroundings ? [istiodPolicy(primary, surroundings)] : [];
  const notes = surroundings ? policyNotes(primary, surroundings) : [];
  const exposure: DesiredAction = {
    id: actionId.exposure(primary.name),
    kind: 'exposure',
    cluster: primary.name,
    after: [actionId.namespace(primary.name, ISTIO_NAMESPACE)],
    purpose: surroundings
      ? 'shows istiod (15012, 15017) to the remotes, and to nobody else'
      : 'shows istiod (15012, 15017) to the remotes',
    ...(notes.length > 0 ? { notes } : {}),
    objects: within(primary, [service, ...policy]),
    waits: [],
  };
  const discovery: DesiredAction = {
    id: actionId.address(primary.name),
    kind: 'address',
    cluster: primary.name,
    after: [exposure.id],
    purpose: address
      ? `istiod is reached at ${address}, as declared`
      : 'the address that the load balancer answers',
    objects: [],
    ...(facts.addresses[primary.name]
      ? {}
      : { effect: { type: 'await-address', cluster: primary.name } as const }),
    waits: [],
  };
  return [exposure, discovery];
}

const port = (name: string, number: number) => ({ name, port: number, protocol: 'TCP', targetPort: number });

/**
 * istiod's Deployment with the number of replicas that its autoscaler starts from. The charts leave it out,
 * and then nothing would bring istiod back that was scaled to none: there an autoscaler rests.
 */
function withReplicas(object: KubeObject): KubeObject {
  const isIstiod = object.kind === 'Deployment' && object.metadata.name === 'istiod';
  return isIstiod ? { ...object, spec: { replicas: 1, ...(object.spec as object) } } : object;
}

/**
 * What leads to istiod. In a remote that becomes a primary it leads to another one, which serves on until this one
 * does: so it turns last, and pods can be created all the time.
 */
const isWayTo = ({ kind, metadata }: KubeObject) =>
  kind === 'MutatingWebhookConfiguration' || (kind === 'Service' && metadata.name === 'istiod');

/** istiod with its webhooks and roles. */
export function controlPlaneAction(
  mesh: ResolvedMesh,
  primary: ResolvedCluster,
  chart: KubeObject[],
): DesiredAction {
  const { name } = primary;
  const exposed = isExposed(mesh, name);
  const rollout: Wait = {
    type: 'rollout',
    cluster: name,
    kind: 'Deployment',
    namespace: ISTIO_NAMESPACE,
    name: 'istiod',
  };
  return {
    id: actionId.controlPlane(name),
    kind: 'control-plane',
    cluster: name,
    after: [
      actionId.namespace(name, ISTIO_NAMESPACE),
      actionId.crds(name),
      ...(mesh.trust.source === 'secret' ? [] : [actionId.trust(name)]),
      // istiod must know its outside name when it starts, so the address comes first.
      ...(exposed ? [actionId.address(name)] : []),
    ],
    purpose: `istiod, the control plane of ${[name, ...remotesOf(mesh, name).map((remote) => remote.name)].join(', ')}`,
    objects: within(primary, chart.filter((object) => !isCrd(object)).map(withReplicas)).map((item) =>
      isWayTo(item.object) ? { ...item, gate: rollout } : item,
    ),
    waits: [rollout, { type: 'injector-trusted', cluster: name }],
  };
}

/** What an installation that was there before goes without, so that its istiod need not be restarted. */
export function inheritedNotes(
  inherited: Inherited | undefined,
  { controlPlane }: ResolvedCluster,
): Pick<DesiredAction, 'notes'> {
  const lacks = [
    ...(inherited?.multiRoot === false
      ? ['ISTIO_MULTIROOT_MESH, which a later change of the root needs']
      : []),
    ...(inherited?.spread === false && controlPlane.replicas > 1 ? ['a spread over zones and nodes'] : []),
  ];
  if (lacks.length === 0) return {};
  const way = `kubectl -n ${ISTIO_NAMESPACE} label deployment istiod ${ADOPTED_LABEL}-`;
  return {
    notes: [
      `istiod was there before and stays as it was installed, without ${lacks.join(' and ')}; once \`${way}\` is run, apply adds them and restarts it`,
    ],
  };
}

/** What a remote needs so that its pods find and trust the primary's istiod. */
export function dataPlaneAction(facts: Facts, remote: ResolvedCluster, chart: KubeObject[]): DesiredAction {
  const { name, primary } = remote;
  return {
    id: actionId.dataPlane(name),
    kind: 'data-plane',
    cluster: name,
    after: [
      actionId.namespace(name, ISTIO_NAMESPACE),
      actionId.crds(name),
      actionId.address(primary),
      // The webhook fails closed: before istiod answers it would stop pods in injected namespaces.
      actionId.controlPlane(primary),
      // Who comes from another istiod is known to the new one before anything turns to it.
      ...(isMoving(facts, remote) ? [actionId.federate(primary, name)] : []),
    ],
    purpose: `injection webhook, reader role and the way to istiod in ${primary}`,
    ...turnNotes(facts, remote),
    objects: within(
      remote,
      chart.filter((object) => !isCrd(object)),
    ),
    waits: [],
  };
}
