import { setTimeout as sleep } from 'node:timers/promises';
import { ExitCode } from '../../errors/index.js';
import type { VerifyReport } from '../../model/verify.js';
import { onInterrupt } from '../interrupt.js';
import { type Bounds, type Looks, openLooks } from '../looks.js';
import type { WatchFlags } from '../watch/look.js';
import { openView } from '../watch/view.js';
import type { Wired } from '../wiring.js';

/** Milliseconds after which all checks are made again, where one of them failed that the others do not tell of. */
const WHOLE_AGAIN_MS = 60_000;

/** `meshplan verify --watch`: looks again and again, until it is interrupted or nobody reads on. */
export async function watch(wired: Wired, flags: WatchFlags): Promise<ExitCode> {
  const interrupt = onInterrupt();
  const stop = new AbortController();
  const signal = AbortSignal.any([interrupt.signal, stop.signal]);
  // A reader such as `head` that has what it wanted.
  process.stdout.once('error', () => stop.abort());
  const looks = await openLooks(wired, wired.mesh.clusters, patienceOf(flags.interval));
  // What goes through a port-forward does not hear the signal.
  signal.addEventListener('abort', () => looks.close());
  const view = await openView(wired.mesh.name, flags);
  try {
    for await (const look of lookAgain(looks, flags.interval, signal)) view.show(look);
    return ExitCode.done;
  } catch (error) {
    if (!signal.aborted) throw error;
    return interrupt.signal.aborted ? ExitCode.interrupted : ExitCode.done;
  } finally {
    view.end();
    interrupt.done();
    looks.close();
    wired.close();
  }
}

/** One look after the other; the next begins an interval after the last began, or when that has ended. */
async function* lookAgain(looks: Looks, interval: number, signal: AbortSignal) {
  let whole = { at: performance.now(), report: await looks.whole(signal) };
  yield { report: whole.report, at: new Date(), isWhole: true };
  let begun = whole.at;
  for (let last = whole.report; ; ) {
    await sleep(Math.max(0, begun + interval - performance.now()), undefined, { signal });
    begun = performance.now();
    const report = await looks.status(signal, boundsOf(interval));
    yield { report, at: new Date(), isWhole: false };
    if (report.ok && isWholeDue(last, whole, begun)) {
      whole = { at: begun, report: await looks.whole(signal, { settleMs: interval }) };
      yield { report: whole.report, at: new Date(), isWhole: true };
    }
    last = report;
  }
}

/** After what failed has come back; and while something fails of which the checks of status know nothing. */
function isWholeDue(last: VerifyReport, whole: { at: number; report: VerifyReport }, now: number): boolean {
  return !last.ok || (!whole.report.ok && now - whole.at >= WHOLE_AGAIN_MS);
}

/** Milliseconds: what does not come within an interval does not come, but nobody is that quick on a far network. */
const patienceOf = (interval: number): number => Math.min(Math.max(interval, 2_000), 10_000);

/** Requests are tried twice within that time. A push that is on its way now has a second to arrive. */
const boundsOf = (interval: number): Bounds => ({ settleMs: 1_000, timeoutMs: patienceOf(interval) / 2 });
