import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import { checkMirrors } from './mirrors.js';
import { checkLimits } from './route-limits.js';
import { checkSubsetName } from './subset-names.js';
import type { HostPods } from './subset-pods.js';
import type { Traffic } from './traffic.js';

type Route = NonNullable<Traffic['routes']>[number];

/** Reports weights that are no whole, subsets that are not declared, routes that nothing reaches, and what is wrong in each. */
export function checkRoutes(source: MeshSource, rule: Traffic, index: number, known: HostPods): void {
  const routes = rule.routes ?? [];
  const catchAll = routes.findIndex(
    (route, position) =>
      route.match === undefined && !source.dropped('traffic', index, 'routes', position).includes('match'),
  );
  routes.forEach((route, position) => {
    const path = ['traffic', index, 'routes', position];
    checkWeights(source, route, path);
    checkSubsets(source, rule.host, route, path);
    checkMirrors(source, { host: rule.host, route, path }, known);
    checkLimits(source, rule.host, route, path);
    if (catchAll >= 0 && position > catchAll) {
      const message = `no request reaches this route: route ${catchAll + 1} takes every request`;
      const subject = `${rule.host}/routes/${position}`;
      const finding = { subject, message, hint: 'put routes with `match` first' };
      source.findings.lint('unreachable-route', source.at(...path), finding);
    }
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
