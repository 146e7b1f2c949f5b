import { ISTIO_NAMESPACE } from '../../model/names.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import { objectsIn, type PlacedWorkload } from '../resolve/workloads.js';

interface Surroundings {
  clusters: ResolvedCluster[];
  workloads: PlacedWorkload[];
}

/** Kinds that are pods or make some. Services, configuration and rules on a primary disturb nobody. */
const POD_KINDS = [
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
];

/** Reports workloads whose pods would run beside istiod, where `policies.dedicatedPrimary` keeps primaries free. */
export function checkDedicatedPrimary(source: MeshSource, { clusters, workloads }: Surroundings): void {
  const policy = source.spec.policies?.dedicatedPrimary;
  if (policy === undefined) return;
  for (const { name } of clusters.filter(({ role }) => role === 'primary')) {
    for (const workload of workloads) {
      const running = objectsIn(workload, name).filter(isApplication);
      const [first] = running;
      if (first === undefined) continue;
      const what = `${first.object.kind} ${first.object.metadata.name}`;
      const others = running.length > 1 ? ` and ${running.length - 1} more` : '';
      const finding = {
        subject: `${name}/${workload.manifests}`,
        message: `\`${workload.manifests}\` runs ${what}${others} on the primary \`${name}\`, which is to run istiod alone: what exhausts its nodes takes the control plane of all its clusters along`,
        hint: 'choose remotes in `clusters`, e.g. `{ role: remote }`; what runs on a primary calls them through `callableFrom`',
      };
      if (policy === 'warn') source.findings.lint('dedicated-primary', workload.source, finding);
      else source.findings.error('dedicated-primary', workload.source, finding.message, finding.hint);
    }
  }
}

const isApplication = ({ object }: ManifestObject) =>
  POD_KINDS.includes(object.kind) && object.metadata.namespace !== ISTIO_NAMESPACE;
