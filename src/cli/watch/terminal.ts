import { createLogUpdate } from 'log-update';
import type { VerifyReport } from '../../model/verify.js';
import { type Colors, printResult } from '../output.js';
import { renderVerify } from '../render/verify-text.js';
import { createChanges } from './changes.js';
import { type Look, timeOf, type View, type WatchFlags } from './look.js';
import { renderPicture } from './picture.js';

/** As many changes as any terminal shows. */
const REMEMBERED = 200;

/** The evidence of the first look, and below it a picture that is painted anew in its place. */
export function terminalView(mesh: string, flags: WatchFlags, colors: Colors): View {
  const paint = createLogUpdate(process.stdout);
  const changesOf = createChanges();
  const changes: string[] = [];
  let whole: { report: VerifyReport; at: Date } | undefined;
  let last: Look | undefined;
  const repaint = () => {
    if (!last || !whole) return;
    const { columns, rows } = process.stdout;
    const title = `mesh ${mesh}, every ${flags.interval / 1_000} s, Ctrl-C ends`;
    const { verbose } = flags;
    paint(renderPicture({ title, last, whole, changes, verbose }, { colors, columns, rows }));
  };
  process.stdout.on('resize', repaint);
  return {
    show(look) {
      if (!last && !flags.quiet) printResult(`${renderVerify({ ...look.report, proxies: [] }, colors)}\n`);
      changes.push(...changesOf(look.report).map((change) => `${timeOf(look.at)} ${change}`));
      changes.splice(0, changes.length - REMEMBERED);
      last = look;
      if (look.isWhole) whole = look;
      repaint();
    },
    end() {
      process.stdout.off('resize', repaint);
      paint.done();
    },
  };
}
