const COUNTS = /Total:\s+(\d+)\s+Passed:\s+(\d+)\s+Skipped:\s+(\d+)/;

/**
 * Runs one uvu file and judges it by what it printed. uvu itself ends with 0 when a `before` hook throws
 * and when `.run()` was forgotten (lukeed/uvu#60, #80), so the counts decide: a file without counts, with
 * tests that neither passed nor were skipped, or that takes too long has failed.
 */
export async function runFile(spawn, file, { cwd, limitMs, signal }) {
  const begun = performance.now();
  const { code, output, timedOut } = await execute(spawn, file, { cwd, limitMs, signal });
  const durationMs = performance.now() - begun;
  const [, total = 0, passed = 0, skipped = 0] = (sumCounts(output) ?? []).map(Number);
  const lost = total - passed - skipped;
  const problem = timedOut
    ? `took longer than ${limitMs / 1_000} s and was ended`
    : total === 0
      ? 'ran no test: is test.run() missing, or did a before hook throw?'
      : lost === 0 && code !== 0
        ? `ended with ${code}`
        : undefined;
  return { passed, skipped, failed: lost + (problem ? 1 : 0), output, problem, durationMs };
}

/** A file may hold several suites, each with counts of its own. */
function sumCounts(output) {
  const all = [...output.matchAll(new RegExp(COUNTS, 'g'))];
  if (all.length === 0) return undefined;
  return [0, 1, 2, 3].map((index) => all.reduce((sum, match) => sum + Number(match[index] || 0), 0) || 0);
}

function execute(spawn, file, { cwd, limitMs, signal }) {
  const args = ['--import', 'tsx', file];
  const child = spawn(process.execPath, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: '0' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => {
    let timedOut = false;
    const end = () => {
      child.kill('SIGTERM');
      // A test cleans up on SIGTERM; one that does not is ended for good.
      setTimeout(() => child.kill('SIGKILL'), 20_000).unref();
    };
    const timer = setTimeout(() => {
      timedOut = true;
      end();
    }, limitMs);
    signal?.addEventListener('abort', end, { once: true });
    child.once('close', (code) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve({ code, output, timedOut });
    });
  });
}
