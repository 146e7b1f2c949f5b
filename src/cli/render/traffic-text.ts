import type { TrafficCell, TrafficReport } from '../../model/traffic.js';
import type { Colors } from '../output.js';

/** The matrix as a table: a row for each calling cluster, a column for each called one. */
export function renderMatrix({ matrix }: Pick<TrafficReport, 'matrix'>, colors: Colors): string {
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
  const widthOf = (column: number) => Math.max(...table.map((row) => row[column]?.text.length ?? 0));
  return table
    .map((row) => row.map(({ text, paint }, column) => paint(text.padEnd(widthOf(column)))).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
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
