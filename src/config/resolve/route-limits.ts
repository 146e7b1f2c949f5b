import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import type { Traffic } from './traffic.js';

type Route = NonNullable<Traffic['routes']>[number];

/** Reports time limits, retries and faults of one route that contradict each other, and conditions without effect. */
export function checkLimits(source: MeshSource, host: string, route: Route, path: Path): void {
  const subject = `${host}/routes/${path.at(-1)}`;
  checkRetries(source, subject, route, path);
  checkFault(source, subject, route, path);
  const matches = Array.isArray(route.match) ? route.match : [route.match];
  matches.forEach((match, position) => {
    if (!match?.ignoreUriCase || (match.path !== undefined && match.path.regex === undefined)) return;
    const place = Array.isArray(route.match) ? [...path, 'match', position] : [...path, 'match'];
    if (source.dropped(...place).includes('path')) return;
    const message = '`ignoreUriCase` has an effect on `exact` and `prefix` of `path` alone';
    const hint = match.path ? 'write `(?i)` at the head of the expression' : 'take it out';
    source.findings.lint('unused-setting', source.keyAt(...place, 'ignoreUriCase'), {
      subject,
      message,
      hint,
    });
  });
}

function checkRetries(source: MeshSource, subject: string, { retries, timeout }: Route, path: Path): void {
  const { attempts, perTryTimeout, retryOn } = retries ?? {};
  if (attempts === 0 && (perTryTimeout !== undefined || retryOn !== undefined)) {
    const key = perTryTimeout === undefined ? 'retryOn' : 'perTryTimeout';
    const message = `\`${key}\` stands beside \`attempts: 0\`, which never repeats: Istio refuses the rule`;
    source.findings.error('retries-off', source.keyAt(...path, 'retries', key), message, 'take it out');
  } else if (perTryTimeout !== undefined && timeout !== undefined && isLonger(perTryTimeout, timeout)) {
    const message = `\`perTryTimeout\` of ${perTryTimeout} is longer than \`timeout\` of ${timeout}: a try that hangs is never repeated`;
    const hint = 'make it shorter, so that several tries fit into the timeout';
    const place = source.at(...path, 'retries', 'perTryTimeout');
    source.findings.lint('per-try-timeout', place, { subject, message, hint });
  }
}

/** Envoy plays faults before it begins to route: what the route says of time and of retries comes after them. */
function checkFault(source: MeshSource, subject: string, route: Route, path: Path): void {
  const { timeout, fault, retries } = route;
  const hint =
    'play the fault in the called application to see how callers bear it, or take one of the two out';
  if (fault?.delay && timeout !== undefined && isLonger(fault.delay.fixedDelay, timeout)) {
    const message = `\`timeout\` of ${timeout} does not cut \`fixedDelay\` of ${fault.delay.fixedDelay}: it begins after the fault`;
    const place = source.at(...path, 'fault', 'delay', 'fixedDelay');
    source.findings.lint('fault-before-limits', place, { subject, message, hint });
  }
  if (fault?.abort && (retries?.attempts ?? 0) > 0) {
    const message = '`retries` do not repeat what `abort` answers: the fault comes before them';
    const place = source.keyAt(...path, 'fault', 'abort');
    source.findings.lint('fault-before-limits', place, { subject, message, hint });
  }
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const isLonger = (one: string, other: string) => milliseconds(one) > milliseconds(other);

/** A duration as Istio writes it, e.g. `1m30s`. */
const milliseconds = (duration: string): number =>
  [...duration.matchAll(/(\d+)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0),
    0,
  );
