import type { TrafficCell, TrafficReport } from '../../model/traffic.js';
import type { Colors } from '../output.js';

/**
 * The matrix as a table: a row for each calling cluster, a column for each called one. Where that is wider than
 * `width`, as with many or long names, it is a line for each cell.
 */
export function renderMatrix(
  { matrix }: Pick<TrafficReport, 'matrix'>,
  colors: Colors,
  width: number,
): string {
  const names = [...new Set(matrix.map(({ from }) => from))];
  const plain = (text: string): Field => ({ text, paint: (padded) => padded });
  const rows = names.map((from) => [
    plain(from),
    ...names.map((to) =>
      fieldOf(
        matrix.find((cell) => cell.from === from && cell.to === to),
        colors,
      ),
    ),
  ]);
  const table = [[plain('from \\ to'), ...names.map(plain)], ...rows];
  const widths = names.concat('').map((_, column) => widest(table.map((row) => row[column])));
  const isWide = widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length) > width;
  if (isWide) return matrix.map((cell) => lineOf(cell, colors)).join('\n');
  return table
    .map((row) => row.map(({ text, paint }, column) => paint(text.padEnd(widths[column] ?? 0))).join(GAP))
    .map((line) => line.trimEnd())
    .join('\n');
}

const GAP = '  ';

const widest = (fields: readonly (Field | undefined)[]): number =>
  Math.max(...fields.map((field) => field?.text.length ?? 0));

function lineOf(cell: TrafficCell, colors: Colors): string {
  const { text, paint } = fieldOf(cell, colors);
  return `${cell.from} → ${cell.to}: ${paint(text)}`;
}

/** Text with its colour, which must not count for its width. */
interface Field {
  text: string;
  paint: (padded: string) => string;
}

function fieldOf(cell: TrafficCell | undefined, colors: Colors): Field {
  if (!cell || cell.status === 'skip') return { text: 'skipped', paint: colors.dim };
  const { answered, requests, latencyMs, failure } = cell;
  const counts = `${answered}/${requests}`;
  if (failure) return { text: `${counts} ${failure.reason}`, paint: colors.red };
  return { text: `${counts} mTLS ${latencyMs?.median ?? '?'} ms`, paint: colors.green };
}
