import { basename } from 'node:path';

/** The word by which shells ask what may stand next; never typed by people. */
export const COMPLETE = '__complete';

/** How this process was called. */
export interface Call {
  /** The words by which its user calls it. */
  name: string;
  argv: string[];
}

/**
 * `kubectl meshplan` runs the program `kubectl-meshplan` of PATH, and completes its arguments by
 * `kubectl_complete-meshplan` (kubectl's convention for plugins). Both are links to this program.
 */
export function callOf(argv: string[]): Call {
  const program = basename(argv[1] ?? '');
  if (program.startsWith('kubectl_complete-meshplan')) {
    return { name: 'kubectl meshplan', argv: [...argv.slice(0, 2), COMPLETE, ...argv.slice(2)] };
  }
  return { name: program.startsWith('kubectl-meshplan') ? 'kubectl meshplan' : 'meshplan', argv };
}
