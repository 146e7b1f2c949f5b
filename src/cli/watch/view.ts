import { type Colors, colorsFor, printNote, printResult } from '../output.js';
import { renderVerify } from '../render/verify-text.js';
import { createChanges } from './changes.js';
import { timeOf, type View, type WatchFlags } from './look.js';

/** One report a line for programs, a picture in place on a terminal, a line for each change elsewhere. */
export async function openView(mesh: string, flags: WatchFlags): Promise<View> {
  if (flags.output === 'json') return jsonView();
  const colors = colorsFor(process.stdout, flags.color);
  if (!process.stdout.isTTY || process.env.CI === 'true') return plainView(flags, colors);
  const { terminalView } = await import('./terminal.js');
  return terminalView(mesh, flags, colors);
}

function jsonView(): View {
  return {
    show: ({ report, at, isWhole }) =>
      printResult(JSON.stringify({ time: at.toISOString(), look: isWhole ? 'all' : 'status', ...report })),
    end: () => {},
  };
}

function plainView(flags: WatchFlags, colors: Colors): View {
  const changesOf = createChanges();
  let isFirst = true;
  return {
    show({ report, at }) {
      const changes = changesOf(report);
      if (isFirst) {
        printResult(`${renderVerify(report, colors, flags)}\n`);
        if (!flags.quiet) printNote(`Watching, every ${flags.interval / 1_000} s: a line for each change.`);
        isFirst = false;
      }
      for (const change of changes) printResult(`${timeOf(at)} ${change}`);
    },
    end: () => {},
  };
}
