import type { Operation } from 'fast-json-patch';
import { isSensitive, maskPatch } from '../diff/mask.js';
import { overlay } from '../diff/overlay.js';
import { patchBetween } from '../diff/patch.js';
import type { KubeObject } from '../model/kube.js';
import type { PlannedObject } from '../model/plan.js';
import { liveValues } from './drift.js';

/** Kinds that are never replaced, for data of the user would go with them. */
export const HOLDS_DATA: ReadonlySet<string> = new Set([
  'PersistentVolumeClaim',
  'PersistentVolume',
  'Namespace',
  'CustomResourceDefinition',
]);

const PODS = 'its pods end and are made anew; until they are ready nothing of it answers';
const CONTENT = 'pods that use it keep what they have; those that start meanwhile wait for it';
const RIGHTS = 'what it permits is refused meanwhile';

/** What is lost between the delete of an object and the moment when its successor works. */
const LOST: Record<string, string> = {
  ClusterRoleBinding: RIGHTS,
  ConfigMap: CONTENT,
  CronJob: 'the Jobs that it made go with it, running ones too',
  DaemonSet: PODS,
  Deployment: PODS,
  Job: 'its history, its pods and their logs go, and it runs once more',
  Pod: 'it ends, and its logs go with it',
  ReplicaSet: PODS,
  RoleBinding: RIGHTS,
  Secret: CONTENT,
  StatefulSet: PODS,
};

/** What a reader must see of an object that has to be deleted and made again. */
export function replacementOf(
  declared: KubeObject,
  { live, fields }: { live: KubeObject; fields: string[] },
): Pick<PlannedObject, 'patch' | 'before' | 'notes'> {
  const operations = patchBetween(live, overlay(live, declared));
  const sensitive = isSensitive(declared);
  const before = liveValues(live, operations, sensitive);
  const changes = fields.map((field) => {
    const told = sensitive ? '' : changesBelow(field, operations, before);
    return `${field} is set only at creation${told && `: ${told}`}`;
  });
  return {
    patch: sensitive ? maskPatch(operations) : operations,
    before,
    notes: [...changes, `while it is replaced: ${lossOf(live)}`],
  };
}

function lossOf(live: KubeObject): string {
  if (live.kind !== 'Service')
    return LOST[live.kind] ?? 'it is gone for a moment, with all that others wrote into it';
  const { clusterIP, type } = (live.spec ?? {}) as { clusterIP?: string; type?: string };
  const given = [
    ...(clusterIP && clusterIP !== 'None' ? [`its ClusterIP ${clusterIP}`] : []),
    ...(type === 'NodePort' || type === 'LoadBalancer' ? ['its node ports'] : []),
    ...(type === 'LoadBalancer' ? ['the address of its load balancer'] : []),
  ];
  const loss = 'calls to it fail';
  return given.length > 0 ? `${loss}, and ${given.join(', ')} may not come back` : loss;
}

/** `matchLabels/app "a" -> "b"` for what changes at or below a field, in the server's way to write it. */
function changesBelow(field: string, operations: Operation[], before: Record<string, unknown>): string {
  const pointer = `/${field.replaceAll(/\[(\d+)\]/g, '.$1').replaceAll('.', '/')}`;
  return operations
    .filter(({ path }) => path === pointer || path.startsWith(`${pointer}/`))
    .map((operation) => {
      const was = operation.path in before ? JSON.stringify(before[operation.path]) : 'nothing';
      const is = 'value' in operation ? JSON.stringify(operation.value) : 'nothing';
      const below = operation.path.slice(pointer.length + 1);
      return `${below === '' ? '' : `${below} `}${was} -> ${is}`;
    })
    .join(', ');
}
