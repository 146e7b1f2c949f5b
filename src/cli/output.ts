import pc from 'picocolors';

/** Results go to stdout, everything else to stderr (contract, section 2). */
export function printResult(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Progress, warnings and errors. */
export function printNote(text: string): void {
  process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
}

export type Colors = ReturnType<typeof pc.createColors>;

/** Colour only on a terminal, and never with --no-color, NO_COLOR or in CI. */
export function colorsFor(stream: NodeJS.WriteStream, wanted: boolean): Colors {
  const plain = !wanted || !stream.isTTY || Boolean(process.env.NO_COLOR) || process.env.CI === 'true';
  return pc.createColors(!plain);
}

/** Live progress needs a terminal that nobody reads by machine. */
export const isLive = (): boolean => process.stderr.isTTY === true && process.env.CI !== 'true';

/** A reader that has gone away, such as `head`, is no failure of ours. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
