import type { ResolvedMesh } from '../model/resolved-mesh.js';
import { isAnswered } from './ask.js';
import type { CurlResult } from './curl.js';
import { serverOf } from './names.js';
import { countBy } from './statistics.js';

/** Who answered a number of requests for `/hostname`. */
export interface Tally {
  requests: number;
  answered: number;
  /** Answers by cluster and by version. */
  clusters: Record<string, number>;
  versions: Record<string, number>;
  /** What came in place of answers, e.g. `HTTP 503`, with its count. */
  failures: Record<string, number>;
}

export function tallyOf(mesh: ResolvedMesh, results: readonly CurlResult[]): Tally {
  const answered = results.filter(isAnswered);
  const servers = answered.map(({ body }) => serverOf(mesh, body));
  const failures = results
    .filter((result) => !isAnswered(result))
    .map(({ status, exitCode }) => (status === 0 ? `curl ${exitCode}` : `HTTP ${status}`));
  return {
    requests: results.length,
    answered: answered.length,
    clusters: countBy(servers.map((server) => server?.cluster ?? 'unknown')),
    versions: countBy(servers.map((server) => server?.version ?? 'unknown')),
    failures: countBy(failures),
  };
}

/** `24 by cluster-1, 26 by cluster-2`, and what failed. */
export function textOf({ failures }: Tally, counts: Record<string, number>): string {
  const answers = Object.entries(counts).map(([name, count]) => `${count} by ${name}`);
  const failed = Object.entries(failures).map(([what, count]) => `${count} × ${what}`);
  return [...answers.sort(), ...failed].join(', ') || 'no answer';
}
