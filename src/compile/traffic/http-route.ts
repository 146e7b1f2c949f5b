import type { HttpMatch } from '../../model/mesh.js';
import type { ResolvedFault, ResolvedMirror, ResolvedRoute } from '../../model/resolved-mesh.js';

/** One HTTPRoute of a VirtualService. */
export function httpRoute(host: string, route: ResolvedRoute): Record<string, unknown> {
  const { match, to, mirrors, fault, timeout, retries } = route;
  return {
    ...(match === undefined ? {} : { match: match.map(httpMatch) }),
    route: to.map(({ subset, weight }) => ({
      destination: destination(host, subset),
      // Istio gives a single destination everything; a weight there says nothing.
      ...(weight === undefined || to.length === 1 ? {} : { weight }),
    })),
    ...(mirrors === undefined ? {} : { mirrors: mirrors.map(mirrorPolicy) }),
    ...(fault === undefined ? {} : { fault: faultInjection(fault) }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(retries === undefined ? {} : { retries }),
  };
}

/** One HTTPMatchRequest: all conditions in it must hold. Istio calls the path `uri`. */
function httpMatch({ path, ...match }: HttpMatch): Record<string, unknown> {
  return { ...match, ...(path === undefined ? {} : { uri: path }) };
}

const mirrorPolicy = ({ host, subset, percent }: ResolvedMirror) => ({
  destination: destination(host, subset),
  percentage: { value: percent },
});

/** Of a fault without a percentage Istio makes one of 0 %, other than its documentation says: so it is always given. */
function faultInjection({ delay, abort }: ResolvedFault): Record<string, unknown> {
  const share = ({ percent, ...fault }: { percent: number }) => ({
    ...fault,
    percentage: { value: percent },
  });
  return { ...(delay ? { delay: share(delay) } : {}), ...(abort ? { abort: share(abort) } : {}) };
}

const destination = (host: string, subset: string | undefined) => ({
  host,
  ...(subset === undefined ? {} : { subset }),
});
