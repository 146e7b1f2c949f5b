import { nearest } from '../../match/nearest.js';
import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import { checkSubsetName } from './subset-names.js';
import { servicesOf } from './subset-pods.js';
import type { Traffic } from './traffic.js';
import type { PlacedWorkload } from './workloads.js';

type Route = NonNullable<Traffic['routes']>[number];

/** Reports copies that reach nobody: hosts that nobody brings, and subsets that their hosts do not declare. */
export function checkMirrors(
  source: MeshSource,
  { host, route, path }: { host: string; route: Route; path: Path },
  workloads: PlacedWorkload[],
): void {
  (route.mirrors ?? []).forEach((mirror, position) => {
    const place = [...path, 'mirrors', position];
    const mirrored = mirror.host ?? host;
    if (mirrored !== host && servicesOf(mirrored, workloads).length === 0) {
      const message = `no manifest brings the Service of \`${mirrored}\`: nobody gets the copies`;
      const close = nearest(mirrored, hostsOf(workloads));
      const mind = close === undefined ? 'or mind the name and namespace' : `or mind the name: \`${close}\``;
      const hint = `add its manifest to \`workloads\`, ${mind}`;
      source.findings.lint('unknown-host', source.at(...place, 'host'), { subject: mirrored, message, hint });
    }
    if (mirror.subset === undefined) return;
    const named = { host: mirrored, subset: mirror.subset, place: source.at(...place, 'subset') };
    checkSubsetName(source, Number(path[1]), named);
  });
}

const hostsOf = (workloads: PlacedWorkload[]): string[] =>
  workloads.flatMap(({ written }) =>
    written
      .filter(({ object }) => object.kind === 'Service')
      .map(({ object: { metadata } }) => `${metadata.name}.${metadata.namespace}.svc.cluster.local`),
  );
