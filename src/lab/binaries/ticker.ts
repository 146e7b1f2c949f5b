const INTERVAL_MS = 5_000;

/** Calls `tick` with the milliseconds since the start: now, then every five seconds until `stop`. */
export function startTicker(tick: (elapsedMs: number) => void): { stop: () => void } {
  const start = performance.now();
  tick(0);
  const timer = setInterval(() => tick(Math.round(performance.now() - start)), INTERVAL_MS);
  return { stop: () => clearInterval(timer) };
}
