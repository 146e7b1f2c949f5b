import type { Diagnostic } from '../model/diagnostic.js';
import type { Facts } from '../model/facts.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import { judgeKubernetes, supportedKubernetes } from '../model/versions.js';

/** Clusters whose Kubernetes is too old for the mesh's Istio (an error), or newer than it was tested with. */
export function kubernetesFindings({ istio, clusters }: ResolvedMesh, facts: Facts): Diagnostic[] {
  const range = supportedKubernetes(istio.version);
  return clusters.flatMap(({ name, source }): Diagnostic[] => {
    const known = facts.clusters[name];
    if (!known?.reachable) return [];
    const verdict = judgeKubernetes(known.version, istio.version);
    const says = `cluster ${name} runs Kubernetes ${known.version}`;
    if (verdict === 'too-old') {
      const message = `${says}, and Istio ${istio.version} needs 1.${range?.floor} or newer`;
      const hint = 'Upgrade the cluster, or take an older Istio for the whole mesh.';
      return [{ severity: 'error', code: 'kubernetes-too-old', message, hint, ...source }];
    }
    if (verdict === 'untested') {
      const message = `${says}, and Istio ${istio.version} was tested up to 1.${range?.ceiling}`;
      const hint = "See Istio's supported releases: a newer Istio may know it.";
      return [{ severity: 'warning', code: 'kubernetes-untested', message, hint, ...source }];
    }
    return [];
  });
}
