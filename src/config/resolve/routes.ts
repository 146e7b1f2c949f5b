import { suggestion } from '../../match/nearest.js';
import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import type { Traffic } from './traffic.js';

type Route = NonNullable<Traffic['routes']>[number];

/** Reports weights that are no whole, subsets that are not declared and routes that nothing reaches. */
export function checkRoutes(source: MeshSource, rule: Traffic, index: number): void {
  const dropped = source.dropped('traffic', index, 'subsets');
  const subsets = [...Object.keys(rule.subsets ?? {}), ...dropped];
  const subsetsAreFaulty = source.dropped('traffic', index).includes('subsets');
  const routes = rule.routes ?? [];
  const catchAll = routes.findIndex((route) => route.match === undefined);
  routes.forEach((route, position) => {
    const path = ['traffic', index, 'routes', position];
    checkWeights(source, route, path);
    if (!subsetsAreFaulty) checkSubsets(source, { host: rule.host, route, subsets, path });
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

interface RouteSubsets {
  host: string;
  route: Route;
  subsets: string[];
  path: Path;
}

function checkSubsets(source: MeshSource, { host, route, subsets, path }: RouteSubsets): void {
  route.to.forEach(({ subset }, position) => {
    if (subset === undefined || subsets.includes(subset)) return;
    const hint = subsets.length > 0 ? suggestion(subset, subsets) : 'declare it in `subsets`';
    const message = `\`subsets\` does not declare \`${subset}\``;
    const finding = { subject: `${host}/${subset}`, message, hint };
    source.findings.lint('unknown-subset', source.at(...path, 'to', position, 'subset'), finding);
  });
}
