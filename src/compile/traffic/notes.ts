import type { ResolvedRoute, ResolvedTraffic } from '../../model/resolved-mesh.js';
import { widensEjection } from './policy.js';

/** What meshplan decided about a host, or what its rules lead to, as sentences for the plan. */
export function trafficNotes(rule: ResolvedTraffic): string[] {
  const notes = [...ejectionNotes(rule), ...rule.routes.flatMap(faultNotes)];
  if (rule.routes.length > 0 && rule.routes.every((route) => route.match !== undefined)) {
    notes.push('every route has a match, so a request that fits none of them is answered with 404.');
  }
  return notes.map((note) => `${rule.host}: ${note}`);
}

function ejectionNotes(rule: ResolvedTraffic): string[] {
  if (widensEjection(rule)) {
    return [
      'outlierDetection.maxEjectionPercent is set to 100 because failover is declared; ' +
        'at the default of 10 % a region whose pods all fail would keep its traffic.',
    ];
  }
  const share = rule.outlierDetection?.maxEjectionPercent ?? 100;
  if (rule.failover.length === 0 || share === 100) return [];
  // Istio leaves 0 out of what it sends to Envoy, which then takes its default.
  const meaning = share === 0 ? '0 means the default of 10 %' : `${share} %`;
  return [
    `outlierDetection.maxEjectionPercent is kept as declared (${meaning}), ` +
      'so requests may keep going to failing pods instead of failing over.',
  ];
}

/** Faults are meant for a while: a plan does not let them be forgotten. */
function faultNotes({ fault }: ResolvedRoute, index: number): string[] {
  const { delay, abort } = fault ?? {};
  const parts = [
    ...(delay && delay.percent > 0
      ? [`keeps ${delay.percent} % of its requests for ${delay.fixedDelay}`]
      : []),
    ...(abort && abort.percent > 0
      ? [`answers ${abort.percent} % of its requests with ${abort.httpStatus}`]
      : []),
  ];
  return parts.length === 0 ? [] : [`the fault of route ${index + 1} ${parts.join(' and ')}.`];
}
