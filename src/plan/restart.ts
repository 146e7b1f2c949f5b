import { patchBetween } from '../diff/patch.js';
import type { DesiredAction, DesiredObject } from '../model/action.js';
import type { Diagnostic, SourceRange } from '../model/diagnostic.js';
import { addressOf, type KubeObject, refOf } from '../model/kube.js';
import { RESTARTED_ANNOTATION } from '../model/names.js';
import type { PlannedObject } from '../model/plan.js';
import type { Found } from '../observe/observe.js';
import type { BarePods } from '../observe/sidecars.js';
import { liveValues } from './drift.js';

/** The pods for whose sake an apply restarts a workload, if it does. */
export const restartedFor = ({ restart }: DesiredObject, bare: BarePods | undefined): BarePods | undefined =>
  restart === true && bare?.obstacle === undefined ? bare : undefined;

/** The planned object with the restart of its pods, the time of which is told when it is done. */
export function withRestart(
  planned: PlannedObject,
  { live, predicted }: Found & { predicted: KubeObject },
  bare: BarePods,
): PlannedObject {
  // Whatever else changes, the pods' template does not: a rollout would make the restart needless.
  const patch = patchBetween(predicted, restarted(predicted));
  const notes = [...(planned.notes ?? []), `restarted, for ${shareOf(bare)} without a sidecar`];
  const before = { ...planned.before, ...liveValues(live, patch, false) };
  const whole = { ...planned, patch: [...planned.patch, ...patch], before, notes };
  return planned.change === 'noop'
    ? { ...whole, change: 'update', reason: 'pods-without-sidecar', restart: 'alone' }
    : { ...whole, restart: 'too' };
}

interface Spec {
  template?: { metadata?: { annotations?: Record<string, string> } };
}

function restarted(object: KubeObject): KubeObject {
  const { template = {}, ...spec } = object.spec as Spec;
  const annotations = { ...template.metadata?.annotations, [RESTARTED_ANNOTATION]: '(time of the restart)' };
  return {
    ...object,
    spec: { ...spec, template: { ...template, metadata: { ...template.metadata, annotations } } },
  };
}

const shareOf = ({ count, of }: BarePods) => `${count} of ${of} ${of === 1 ? 'pod is' : 'pods are'}`;

/** What is told of pods without a sidecar that no apply restarts: findings of the lint rule, which waivers may keep back. */
export const bareFindings = (
  actions: readonly DesiredAction[],
  bare: ReadonlyMap<string, BarePods>,
): Diagnostic[] =>
  actions.flatMap(({ objects, source }) =>
    objects.flatMap((desired) =>
      findingOf(desired, bare.get(addressOf(refOf(desired.cluster, desired.object))), source),
    ),
  );

/** `place`: of the workload in mesh.yaml. */
function findingOf(
  desired: DesiredObject,
  bare: BarePods | undefined,
  place: SourceRange | undefined,
): Diagnostic[] {
  if (!bare || restartedFor(desired, bare)) return [];
  const { cluster, object } = desired;
  const { kind, metadata } = object;
  const address = addressOf(refOf(cluster, object));
  const command = `kubectl rollout restart -n ${metadata.namespace} ${kind.toLowerCase()}/${metadata.name}`;
  const vain = bare.obstacle ? `; a restart would not help, for ${bare.obstacle.why}` : '';
  return [
    {
      severity: 'warning',
      code: 'pods-without-sidecar',
      address,
      subject: address,
      message: `${address}: ${shareOf(bare)} without a sidecar, though injection is on: no mTLS, no routing and no policy for them${vain}`,
      hint: bare.obstacle
        ? bare.obstacle.hint
        : `They are older than injection. Restart them: \`restart: true\` in this workload lets apply do it, or ${command} in ${cluster}.`,
      ...place,
    },
  ];
}
