import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import { checkMirrors } from './mirrors.js';
import { checkLimits } from './route-limits.js';
import { checkSubsetName } from './subset-names.js';
import type { HostPods } from './subset-pods.js';
import type { Traffic } from './traffic.js';

type Route = NonNullable<Traffic['routes']>[number];

/** Reports weights that are no whole, subsets that are not declared, and what else is wrong in each route. */
export function checkRoutes(source: MeshSource, rule: Traffic, index: number, known: HostPods): void {
  (rule.routes ?? []).forEach((route, position) => {
    const path = ['traffic', index, 'routes', position];
    checkWeights(source, route, path);
    checkSubsets(source, rule.host, route, path);
    checkMirrors(source, { host: rule.host, route, path }, known);
    checkLimits(source, rule.host, route, path);
  });
}

function checkWeights(source: MeshSource, route: Route, path: Path): void {
  if (route.to.some((_, position) => source.dropped(...path, 'to', position).includes('weight'))) return;
  const unweighted = route.to.findIndex((destination) => destination.weight === undefined);
  if (unweighted >= 0) {
    if (route.to.length === 1) return;
    const message = 'one of several destinations has no weight';
    const hint = 'give each destination a `weight`; together they make 100';
    source.findings.error('weights', source.at(...path, 'to', unweighted), message, hint);
    return;
  }
  const sum = route.to.reduce((total, destination) => total + (destination.weight ?? 0), 0);
  if (sum === 100) return;
  const message = `the weights sum to ${sum}, not to 100`;
  source.findings.error('weights', source.at(...path, 'to', 0, 'weight'), message, 'weights are percentages');
}

function checkSubsets(source: MeshSource, host: string, route: Route, path: Path): void {
  route.to.forEach(({ subset }, position) => {
    if (subset === undefined) return;
    const place = source.at(...path, 'to', position, 'subset');
    checkSubsetName(source, Number(path[1]), { host, subset, place });
  });
}
