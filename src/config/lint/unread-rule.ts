import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { Findings } from '../findings.js';
import { keyPlaceOf } from '../yaml/source-node.js';
import { nameOf, type PlacedObject } from './placed-objects.js';

const GROUP = /^(networking|security|telemetry|extensions)\.istio\.io\//;

/** istiod reads these in remotes too (`PILOT_ENABLE_CROSS_CLUSTER_WORKLOAD_ENTRY`). */
const READ_EVERYWHERE = new Set(['WorkloadEntry']);

/** Whether an object is Istio's configuration, which istiod reads in its own cluster alone. */
const isConfiguration = ({ object }: PlacedObject) =>
  GROUP.test(object.apiVersion) && !READ_EVERYWHERE.has(object.kind);

/** Reports Istio configuration that only remotes get: it is stored there, and nobody reads it. */
export function checkUnread(item: PlacedObject, clusters: ResolvedCluster[], findings: Findings): void {
  if (!isConfiguration(item) || item.clusters.length === 0 || item.primaries.length > 0) return;
  const remotes = clusters.filter(({ name }) => item.clusters.includes(name));
  const primaries = [...new Set(remotes.map(({ primary }) => primary))];
  findings.lint('unread-rule', keyPlaceOf(item.tree, ['kind']), {
    subject: nameOf(item),
    message: `no istiod runs in ${item.clusters.join(', ')}: this ${item.object.kind} is stored there, and nobody reads it`,
    hint: `give its workload \`clusters: [${primaries.join(', ')}]\`, whose istiod gives it to the proxies of all its clusters`,
  });
}
