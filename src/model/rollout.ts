/** Kinds whose objects are not done when they are written, for pods have to come or to end; with their version. */
export const ROLLOUT_VERSIONS = {
  Deployment: 'apps/v1',
  StatefulSet: 'apps/v1',
  DaemonSet: 'apps/v1',
  Job: 'batch/v1',
  Pod: 'v1',
} as const;
export type RolloutKind = keyof typeof ROLLOUT_VERSIONS;

/** An object of one cluster that is waited for. */
export interface RolloutTarget {
  kind: RolloutKind;
  namespace: string;
  name: string;
}

/** The kind, where it is one of these; other groups may have kinds of the same names. */
export const rolloutKindOf = (object: { apiVersion: string; kind: string }): RolloutKind | undefined =>
  Object.entries(ROLLOUT_VERSIONS).some(
    ([kind, apiVersion]) => kind === object.kind && apiVersion === object.apiVersion,
  )
    ? (object.kind as RolloutKind)
    : undefined;
