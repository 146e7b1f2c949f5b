import { nearestHost } from '../../match/nearest.js';
import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import { checkSubsetName } from './subset-names.js';
import type { HostPods } from './subset-pods.js';
import type { Traffic } from './traffic.js';

type Route = NonNullable<Traffic['routes']>[number];

/** Reports copies that reach nobody: hosts that nobody brings, and subsets that their hosts do not declare. */
export function checkMirrors(
  source: MeshSource,
  { host, route, path }: { host: string; route: Route; path: Path },
  known: HostPods,
): void {
  (route.mirrors ?? []).forEach((mirror, position) => {
    const place = [...path, 'mirrors', position];
    const mirrored = mirror.host ?? host;
    if (mirrored !== host && !known.has(mirrored)) {
      const message = `no manifest brings the Service of \`${mirrored}\`: nobody gets the copies`;
      const close = nearestHost(mirrored, known.hosts);
      const mind = close === undefined ? 'or mind the name and namespace' : `or mind the name: \`${close}\``;
      const hint = `add its manifest to \`workloads\`, ${mind}`;
      source.findings.lint('unknown-host', source.at(...place, 'host'), { subject: mirrored, message, hint });
    }
    if (mirror.subset === undefined) return;
    const named = { host: mirrored, subset: mirror.subset, place: source.at(...place, 'subset') };
    checkSubsetName(source, Number(path[1]), named);
  });
}
