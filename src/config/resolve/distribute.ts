import { suggestion } from '../../match/nearest.js';
import type { SourceRange } from '../../model/diagnostic.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { MeshSource } from './mesh-source.js';
import type { Traffic } from './traffic.js';

/** Reports shares by locality that Istio would refuse or that would mean nothing. */
export function checkDistribute(
  source: MeshSource,
  rule: Traffic,
  index: number,
  clusters: ResolvedCluster[],
): void {
  const distribute = rule.distribute ?? [];
  if (distribute.length === 0) return;
  const { findings } = source;
  const path = ['traffic', index, 'distribute'];
  if ((rule.failover ?? []).length > 0) {
    const message = '`failover` and `distribute` exclude each other: Istio refuses the rule';
    const hint =
      'keep `failover`; or write shares in `distribute`, which sends on when a place has no healthy pods';
    findings.error('failover-and-distribute', source.keyAt(...path), message, hint);
  }
  const regions = new Set(clusters.flatMap(({ locality }) => (locality ? [locality.region] : [])));
  const checkRegion = (locality: string, place: SourceRange) => {
    const [region = ''] = locality.split('/');
    if (region === '*' || regions.has(region)) return;
    const hint = regions.size > 0 ? suggestion(region, regions) : 'give the clusters a `locality`';
    findings.lint('unknown-region', place, {
      subject: region,
      message: `no cluster is in the region \`${region}\``,
      hint,
    });
  };
  const sources = distribute.map(({ from }, position) => ({
    locality: from,
    place: source.at(...path, position, 'from'),
  }));
  // The first that fits is taken, so a rest may come last; of the shares Istio knows no order.
  checkOverlap(
    source,
    sources.filter(({ locality }, at) => !(locality === '*' && at === sources.length - 1)),
  );
  distribute.forEach(({ from, to }, position) => {
    const places = Object.keys(to).map((locality) => ({
      locality,
      place: source.keyAt(...path, position, 'to', locality),
    }));
    checkRegion(from, source.at(...path, position, 'from'));
    for (const { locality, place } of places) checkRegion(locality, place);
    checkOverlap(source, places);
    if (source.dropped(...path, position, 'to').length > 0) return;
    const sum = Object.values(to).reduce((total, share) => total + share, 0);
    if (sum === 100) return;
    const message = `the shares of \`${from}\` sum to ${sum}, not to 100`;
    findings.error(
      'distribute-sum',
      source.keyAt(...path, position, 'to'),
      message,
      'shares are percentages',
    );
  });
}

interface Locality {
  locality: string;
  place: SourceRange;
}

/** Istio refuses localities of one list of which one holds another. */
function checkOverlap(source: MeshSource, localities: Locality[]): void {
  localities.forEach(({ locality, place }, position) => {
    const other = localities.slice(0, position).find((item) => overlaps(item.locality, locality));
    if (other === undefined) return;
    const message = `\`${locality}\` and \`${other.locality}\` overlap`;
    source.findings.error('overlapping-localities', place, message, 'name each place once, all as precisely');
  });
}

function overlaps(one: string, other: string): boolean {
  const [first, second] = [one, other].map((locality) => locality.split('/').filter((part) => part !== '*'));
  const shared = Math.min(first?.length ?? 0, second?.length ?? 0);
  return first?.slice(0, shared).join('/') === second?.slice(0, shared).join('/');
}
