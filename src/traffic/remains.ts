import { listObjects } from '../cluster/read.js';
import { deleteObject } from '../cluster/write.js';
import type { Cluster, KubeObject } from '../model/kube.js';
import { TRAFFIC_LABEL } from '../model/names.js';
import type { Holder } from './input.js';
import { KINDS } from './kinds.js';
import { HOLDER_ANNOTATION } from './names.js';

/** Milliseconds after which a test of another machine, which cannot be asked for, is taken for killed. */
const LONGEST_RUN_MS = 3_600_000;

/** Deletes the namespaces that killed tests of this mesh left in a cluster. @returns their names. */
export async function removeRemains(
  cluster: Cluster,
  mesh: string,
  holder: Pick<Holder, 'hasEnded'>,
): Promise<string[]> {
  const labelSelector = `${TRAFFIC_LABEL}=${mesh}`;
  const found = await listObjects(cluster, KINDS.Namespace, { labelSelector });
  const dead: string[] = [];
  for (const { metadata } of found) {
    if (metadata.deletionTimestamp || !(await isAbandoned({ metadata }, holder))) continue;
    const { name, uid = '' } = metadata;
    await deleteObject(cluster, KINDS.Namespace, { name, uid });
    dead.push(name);
  }
  return dead;
}

/** Whether nobody will come back for a test's namespace. A test that runs elsewhere is left alone. */
export async function isAbandoned(
  { metadata }: Pick<KubeObject, 'metadata'>,
  { hasEnded }: Pick<Holder, 'hasEnded'>,
  now = Date.now(),
): Promise<boolean> {
  const age = now - Date.parse(metadata.creationTimestamp ?? '');
  return age > LONGEST_RUN_MS || hasEnded(metadata.annotations?.[HOLDER_ANNOTATION] ?? '');
}
