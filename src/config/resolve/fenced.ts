import type { FencedCluster, ResolvedMesh } from '../../model/resolved-mesh.js';
import { withoutClusters } from '../../model/without-clusters.js';
import type { MeshSource } from './mesh-source.js';

/** How far the clock of the machine that wrote a moment may be ahead of this one's, in milliseconds. */
const CLOCK_TOLERANCE = 60_000;

/** Reports fences that cannot be: of a primary, or since a moment that no calendar has or that is to come. */
export function checkFences(source: MeshSource, now: Date): void {
  source.spec.clusters.forEach(({ name, role, fenced }, index) => {
    if (fenced === undefined) return;
    if (role === 'primary') {
      const place = source.keyAt('clusters', index, 'fenced');
      const message = `cluster \`${name}\` is a primary and cannot be fenced: others lean on it`;
      const hint = 'make another cluster the primary (`meshplan promote`), or take `fenced` out';
      source.findings.error('fenced-primary', place, message, hint);
    }
    const since = momentOf(fenced.since);
    const place = source.at('clusters', index, 'fenced', 'since');
    const { findings } = source;
    if (since === undefined)
      findings.error('bad-date', place, `${fenced.since} is no moment`, 'mind day, hour and time zone');
    else if (since > now.getTime() + CLOCK_TOLERANCE)
      findings.error(
        'bad-date',
        place,
        `${fenced.since} is yet to come`,
        'write when the cluster was lost, or now',
      );
  });
}

/** Milliseconds since the epoch; undefined for what `Date` takes for a day of the next month, or not at all. */
function momentOf(text: string): number | undefined {
  const time = Date.parse(text);
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(time) || Number.isNaN(day.getTime())) return undefined;
  return day.toISOString().startsWith(text.slice(0, 10)) ? time : undefined;
}

/**
 * The mesh with its fenced clusters aside. They are taken out last, so that a fence changes nothing in what is found
 * wrong: the declaration is judged as if all of them took part.
 */
export function fenceOff(source: MeshSource, mesh: ResolvedMesh): ResolvedMesh {
  const fenced = mesh.clusters.flatMap((cluster, index): FencedCluster[] => {
    const since = source.spec.clusters[index]?.fenced?.since;
    const fencedAt = source.keyAt('clusters', index, 'fenced');
    return since === undefined ? [] : [{ ...cluster, since, fencedAt }];
  });
  const names = fenced.map(({ name }) => name);
  return fenced.length === 0 ? mesh : { ...withoutClusters(mesh, names), fenced };
}
