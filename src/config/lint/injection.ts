import type { MeshSource } from '../resolve/mesh-source.js';
import { isInjected } from './callers.js';
import type { DeclaredPods, MeshView } from './mesh-view.js';
import { nameOf } from './placed-objects.js';

/** Reports traffic rules that no sidecar would follow: the host's pods, or all that call from a cluster, have none. */
export function checkInjection(source: MeshSource, view: MeshView): void {
  (source.spec.traffic ?? []).forEach(({ host }, index) => {
    const at = source.at('traffic', index, 'host');
    const own = view.podsOfHost(host);
    if (isBare(own, view)) {
      const where = [...new Set(own.map(({ owner }) => nameOf(owner)))].join(', ');
      source.findings.lint('injection-off', at, {
        subject: host,
        message: `the pods of \`${host}\` (${where}) get no sidecar: requests reach them in plain text, and their own calls follow no rule`,
        hint: hintFor(own, view),
      });
      return;
    }
    for (const cluster of view.clustersWith(host)) {
      const pods = view.pods.filter((item) => item.cluster === cluster);
      if (!isBare(pods, view)) continue;
      source.findings.lint('injection-off', at, {
        subject: `${host}/${cluster}`,
        message: `no pod that mesh.yaml brings to ${cluster} gets a sidecar: calls of \`${host}\` from there follow no rule`,
        hint: hintFor(pods, view),
      });
    }
  });
}

const isBare = (pods: DeclaredPods[], view: MeshView) =>
  pods.length > 0 && !pods.some((item) => isInjected(item, view));

function hintFor(pods: DeclaredPods[], view: MeshView): string {
  const off = pods.find(({ cluster, namespace }) => !view.hasInjection(cluster, namespace));
  if (off) return `set \`injection: true\` on the namespace \`${off.namespace}\``;
  return 'take `sidecar.istio.io/inject: "false"` or `hostNetwork` out of the pods';
}
