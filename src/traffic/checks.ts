import { TRAFFIC_REQUEST, type TrafficCell } from '../model/traffic.js';
import type { Check } from '../model/verify.js';

/** A cell of the matrix as a claim with its evidence. */
export function checkOf(cell: TrafficCell): Check {
  const { from, to, status, failure } = cell;
  return {
    id: TRAFFIC_REQUEST,
    cluster: from,
    status,
    claim: `requests from ${from} reach servers in ${to} by mTLS`,
    evidence: evidenceOf(cell),
    ...(failure ? { hint: failure.hint } : {}),
  };
}

function evidenceOf({ requests, answered, identity, latencyMs, failure, skipped }: TrafficCell): string {
  if (skipped !== undefined) return skipped;
  const counts = `${answered} of ${requests} answered`;
  if (failure) return `${counts}; ${failure.reason}: ${failure.detail}`;
  const latency = latencyMs ? `, median ${latencyMs.median} ms, slowest ${latencyMs.max} ms` : '';
  return `${counts}${latency}; the servers saw ${identity}`;
}
