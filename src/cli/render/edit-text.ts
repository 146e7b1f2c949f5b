import type { Colors } from '../output.js';

/** How an edit changes a file, as a unified diff with the lines around; `diff` and `git apply` read it. */
export async function unifiedDiff(file: string, before: string, after: string): Promise<string> {
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('diff');
  return createTwoFilesPatch(file, file, before, after, undefined, undefined, {
    context: 2,
    headerOptions: FILE_HEADERS_ONLY,
  });
}

/** The same with what goes in red and what comes in green. */
export const paintDiff = (diff: string, colors: Colors): string =>
  diff
    .split('\n')
    .map((line) => {
      if (/^(\+\+\+|---) /.test(line)) return colors.bold(line);
      if (line.startsWith('+')) return colors.green(line);
      return line.startsWith('-') ? colors.red(line) : line;
    })
    .join('\n');
