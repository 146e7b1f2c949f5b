const COUNTS = /Total:\s+(\d+)\s+Passed:\s+(\d+)\s+Skipped:\s+(\d+)/;

/** How long output may take to arrive after a test process has ended. */
const DRAIN_MS = 2_000;

/**
 * Runs one uvu file and judges it by what it printed. uvu itself ends with 0 when a `before` hook throws
 * and when `.run()` was forgotten (lukeed/uvu#60, #80), so the counts decide: a file without counts, with
 * tests that did not pass, that takes too long or leaves a process behind has failed. `within` is a command
 * that the file is run by, such as one that gives it a network of its own.
 */
export async function runFile(spawn, file, options) {
  const begun = performance.now();
  const { code, output, timedOut, leftProcess } = await execute(spawn, file, options);
  const durationMs = performance.now() - begun;
  const [, total = 0, passed = 0, skipped = 0] = (sumCounts(output) ?? []).map(Number);
  // uvu's total leaves skipped tests out.
  const lost = total - passed;
  const problem = timedOut
    ? `took longer than ${options.limitMs / 1_000} s and was ended`
    : total + skipped === 0
      ? 'ran no test: is test.run() missing, or did a before hook throw?'
      : lost === 0 && code !== 0
        ? `ended with ${code}`
        : leftProcess
          ? 'left a process behind that holds its output open'
          : undefined;
  return { passed, skipped, failed: lost + (problem ? 1 : 0), output, problem, durationMs };
}

/** A file may hold several suites, each with counts of its own. */
function sumCounts(output) {
  const all = [...output.matchAll(new RegExp(COUNTS, 'g'))];
  if (all.length === 0) return undefined;
  return [0, 1, 2, 3].map((index) => all.reduce((sum, match) => sum + Number(match[index] || 0), 0) || 0);
}

/** What Node is told to run a compiled file, whose errors then name lines of its sources, or a source. */
const FLAGS = { mjs: ['--enable-source-maps'], ts: ['--import', 'tsx'] };

function execute(spawn, file, { cwd, limitMs, signal, within = [] }) {
  const [program, ...args] = [...within, process.execPath, ...FLAGS[file.split('.').at(-1)], file];
  const child = spawn(program, args, {
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
    let drain;
    const settle = (code, leftProcess) => {
      clearTimeout(timer);
      clearTimeout(drain);
      signal?.removeEventListener('abort', end);
      resolve({ code, output, timedOut, leftProcess });
    };
    child.once('exit', (code) => {
      // Pipes close once nobody holds them any more; a process that was left behind may hold them for long.
      drain = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        settle(code, true);
      }, DRAIN_MS);
    });
    child.once('close', (code) => settle(code, false));
  });
}
