import type { ContainerStatus, IstiodPod, PodCondition } from './istiod-launch.js';

/**
 * The patch of a pod's status that makes its readiness follow the real istiod, or undefined where the
 * pod says so already or has not been started yet. A strategic merge patch: conditions merge by type,
 * container statuses are one list. Pure.
 */
export function readinessPatch(
  pod: IstiodPod,
  ready: boolean,
  restarts: number,
  now: Date,
): object | undefined {
  const statuses = pod.status?.containerStatuses;
  if (pod.status?.phase !== 'Running' || !statuses) return undefined;
  const wanted = ready ? 'True' : 'False';
  const current = pod.status.conditions?.find((item) => item.type === 'Ready')?.status;
  if (current === wanted && statuses.every((item) => item.restartCount === restarts)) return undefined;
  const time = now.toISOString().replace(/\.\d+Z$/, 'Z');
  const condition = (type: string): PodCondition => ({ type, status: wanted, lastTransitionTime: time });
  const containerStatuses = statuses.map(
    (item): ContainerStatus => ({ ...item, ready, started: ready, restartCount: restarts }),
  );
  return { status: { conditions: [condition('Ready'), condition('ContainersReady')], containerStatuses } };
}
