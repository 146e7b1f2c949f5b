import type { KubeObject } from './kube.js';
import type { FencedCluster, ResolvedMesh } from './resolved-mesh.js';

/** The youngest fence: what was made before it may be in the hands of a cluster that was lost. */
export const latestFence = ({ fenced }: Pick<ResolvedMesh, 'fenced'>): FencedCluster | undefined =>
  [...fenced].sort((one, other) => Date.parse(other.since) - Date.parse(one.since))[0];

/** Whether an object was made before a moment (RFC 3339); API servers tell whole seconds. */
export const isOlder = ({ metadata }: KubeObject, since: string): boolean =>
  Date.parse(String(metadata.creationTimestamp)) < Math.floor(Date.parse(since) / 1000) * 1000;
