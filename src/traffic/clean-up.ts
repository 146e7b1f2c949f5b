import { setTimeout as sleep } from 'node:timers/promises';
import { objectPath } from '../cluster/paths.js';
import { getObject } from '../cluster/read.js';
import { deleteObject } from '../cluster/write.js';
import { messageOf } from '../errors/index.js';
import type { Cluster, KubeObject } from '../model/kube.js';
import type { Check } from '../model/verify.js';
import { beginStep, clusterOf, type Step, type TestContext } from './context.js';
import { KINDS } from './kinds.js';

/** Milliseconds for which a namespace that is being deleted is waited for. */
const GONE_MS = 90_000;
const PAUSE_MS = 500;

/** Removes the test from one cluster and waits until it is gone, also where the run was interrupted. */
export async function cleanUpCluster(context: TestContext, name: string): Promise<Check | undefined> {
  const { namespace, unreachable } = context;
  if (unreachable.has(name)) return undefined;
  const step = beginStep(context, `${name}/clean-up`, `deletes namespace ${namespace}`);
  const check = { id: 'traffic-clean-up', cluster: name, claim: `nothing of the test stays in ${name}` };
  try {
    const left = await removeNamespace(clusterOf(context, name), namespace, step);
    if (!left) {
      step.done('gone');
      return { ...check, status: 'pass', evidence: `namespace ${namespace} is gone` };
    }
    const evidence = `namespace ${namespace} is still terminating: ${whyOf(left)}`;
    step.failed(evidence);
    return { ...check, status: 'warn', evidence, hint: 'It goes by itself once nothing holds it any more.' };
  } catch (error) {
    step.failed(messageOf(error));
    return {
      ...check,
      status: 'fail',
      evidence: `namespace ${namespace} could not be deleted: ${messageOf(error)}`,
      hint: `Delete it: kubectl --context CONTEXT delete namespace ${namespace}. The next run tries it as well.`,
    };
  }
}

/** @returns the namespace where it is still there when time is up. */
async function removeNamespace(cluster: Cluster, name: string, step: Step): Promise<KubeObject | undefined> {
  const path = objectPath(KINDS.Namespace, name);
  const found = await getObject(cluster, path);
  if (!found) return undefined;
  await deleteObject(cluster, KINDS.Namespace, { name, uid: found.metadata.uid ?? '' });
  step.progress('waits for the end of its pods');
  const deadline = Date.now() + GONE_MS;
  for (;;) {
    const live = await getObject(cluster, path);
    if (!live || live.metadata.uid !== found.metadata.uid) return undefined;
    if (Date.now() > deadline) return live;
    await sleep(PAUSE_MS);
  }
}

/** What the namespace controller says of its content. */
function whyOf({ status }: KubeObject): string {
  const { conditions = [] } = (status ?? {}) as { conditions?: { status?: string; message?: string }[] };
  const told = conditions.filter((item) => item.status === 'True').map((item) => item.message);
  return told.join(' ') || 'its pods have not ended yet';
}
