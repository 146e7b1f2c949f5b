import { isHeadless } from '../../model/service.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import { placeOf } from '../yaml/source-node.js';
import { capturesDns } from './dns-capture.js';
import type { MeshView } from './mesh-view.js';

/** Reports Services without an IP of their own that are called across clusters, or that traffic rules are for. */
export function checkHeadless(source: MeshSource, view: MeshView): void {
  const ruled = new Set((source.spec.traffic ?? []).map(({ host }) => host));
  const told = new Set<ManifestObject>();
  for (const { item, host, workload } of view.services) {
    if (!isHeadless(item.object) || told.has(item)) continue;
    told.add(item);
    const callers = capturesDns(source) ? [] : workload.callableFrom;
    if (callers.length === 0 && !ruled.has(host)) continue;
    const called = `in ${callers.join(', ')} its name has no addresses, for it resolves to pods of the caller's own cluster alone`;
    const steered =
      'sidecars send each request to the pod that the name resolved to, so no route, failover or load balancing moves it';
    const capture =
      callers.length > 0
        ? ', or turn on `ISTIO_META_DNS_CAPTURE` in `istio.meshConfig.defaultConfig.proxyMetadata`'
        : '';
    source.findings.lint('headless-service', placeOf(item.tree, ['spec', 'clusterIP']), {
      subject: host,
      message: `\`${host}\` is headless: ${[...(callers.length > 0 ? [called] : []), ...(ruled.has(host) ? [steered] : [])].join('; ')}`,
      hint: `take \`clusterIP: None\` out, or call a second Service with the same selector and an IP${capture}`,
    });
  }
}
