import type { VerifyContext } from '../context.js';
import { type ClusterzView, readClusterz } from '../istiod.js';
import { type CheckSpec, fail, type Outcome, pass, unsettled } from '../outcome.js';

/** Per cluster: every istiod of its primary has read all of it. */
export function clusterSynced(context: VerifyContext): CheckSpec[] {
  return context.mesh.clusters.map(({ name, primary }) => ({
    id: 'cluster-synced',
    cluster: name,
    claim:
      name === primary ? `istiod has read its own cluster ${name}` : `istiod of ${primary} has read ${name}`,
    needs: [primary],
    istiod: primary,
    run: async () => judgeSync(name, primary, await readClusterz(context, primary)),
  }));
}

/** Judges one cluster by what each istiod pod says of it. */
export function judgeSync(cluster: string, primary: string, views: ClusterzView[]): Outcome {
  const seen = views.map((view) => ({
    pod: view.pod,
    status: view.entries.find((entry) => entry.id === cluster)?.syncStatus ?? 'absent',
  }));
  const evidence = seen.map(({ pod, status }) => `${pod}: ${status}`).join(', ');
  const worst = seen.find(({ status }) => status !== 'synced');
  if (!worst) return pass(evidence);
  const outcome = fail(evidence, hintFor(worst.status, cluster, primary));
  const mayCome = seen.every(({ status }) => ['synced', 'syncing', 'absent'].includes(status));
  return mayCome ? unsettled(outcome) : outcome;
}

function hintFor(status: string, cluster: string, primary: string): string {
  if (status === 'absent' && cluster === primary) {
    return `istiod goes by another name than ${cluster}: its CLUSTER_ID must be the name in mesh.yaml. Run \`meshplan apply\`.`;
  }
  if (status === 'absent') {
    return `istiod knows no such cluster: Secret istio-remote-secret-${cluster} is missing, lacks the label istio/multiCluster or was refused (see istiod's log).`;
  }
  if (status === 'timeout') {
    return `istiod cannot read ${cluster}: its API server must be reachable from ${primary} (set clusters[].apiServer in mesh.yaml) and accept the remote secret's token.`;
  }
  return `istiod still reads ${cluster}; if this lasts, see istiod's log in ${primary}.`;
}
