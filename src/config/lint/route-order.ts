import { isDeepStrictEqual } from 'node:util';
import type { MeshSource } from '../resolve/mesh-source.js';

type Text = { exact?: string; prefix?: string; regex?: string };
type Match = Record<string, unknown>;

type Route = NonNullable<NonNullable<MeshSource['spec']['traffic']>[number]['routes']>[number];

/** Reports routes that nothing reaches, because one before them takes every request that they match. */
export function checkRouteOrder(source: MeshSource): void {
  (source.spec.traffic ?? []).forEach(({ host, routes = [] }, index) => {
    // Of a match with faults it cannot be told what it takes.
    const isWhole = routes.map(
      (_, position) => !source.dropped('traffic', index, 'routes', position).includes('match'),
    );
    routes.forEach((route, position) => {
      const earlier = routes.findIndex(
        (other, place) => place < position && isWhole[place] && isWhole[position] && takesAll(other, route),
      );
      const wider = routes[earlier];
      if (wider === undefined) return;
      const isCatchAll = wider.match === undefined;
      source.findings.lint('unreachable-route', source.at('traffic', index, 'routes', position), {
        subject: `${host}/routes/${position}`,
        message: `no request reaches this route: route ${earlier + 1} takes every request${isCatchAll ? '' : ' that it matches'}`,
        hint: isCatchAll ? 'put routes with `match` first' : 'put the narrower match first',
      });
    });
  });
}

/** Whether every request that fits the other route fits the one. */
function takesAll({ match: wide }: Route, { match: narrow }: Route): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return false;
  return listOf(narrow).every((one) => listOf(wide).some((other) => takes(other, one)));
}

const listOf = (match: NonNullable<Route['match']>) => [match].flat() as Match[];

/** Whether every request of `narrow` fits `wide`; a condition that is unlike any known here has to be the same. */
function takes(wide: Match, narrow: Match): boolean {
  return Object.entries(wide).every(([key, condition]) => {
    const own = narrow[key];
    if (own === undefined) return false;
    if (key === 'headers' || key === 'queryParams') return takesNamed(condition as Match, own as Match);
    if (key === 'path')
      return wide.ignoreUriCase === narrow.ignoreUriCase && takesText(condition as Text, own as Text);
    return isDeepStrictEqual(condition, own);
  });
}

function takesNamed(wide: Match, narrow: Match): boolean {
  return Object.entries(wide).every(([name, text]) => takesText(text as Text, (narrow[name] ?? {}) as Text));
}

function takesText(wide: Text, narrow: Text): boolean {
  if (isDeepStrictEqual(wide, narrow)) return true;
  // What stands beside them, such as `ignoreCase`, would have to be weighed.
  if (Object.keys(wide).length !== 1 || Object.keys(narrow).length !== 1 || wide.prefix === undefined)
    return false;
  return (narrow.exact ?? narrow.prefix ?? '').startsWith(wide.prefix);
}
