import type { TrafficCell, TrafficReport } from '../../model/traffic.js';
import type { Colors } from '../output.js';

/** The matrix as a table: a row for each calling cluster, a column for each called one. */
export function renderMatrix({ matrix }: Pick<TrafficReport, 'matrix'>, colors: Colors): string {
  const names = [...new Set(matrix.map(({ from }) => from))];
  const cellOf = (from: string, to: string) => matrix.find((cell) => cell.from === from && cell.to === to);
  const rows = names.map((from) => [from, ...names.map((to) => textOf(cellOf(from, to)))]);
  const table = [['from \\ to', ...names], ...rows];
  const widths = names.map((_, column) => column);
  const widthOf = (column: number) => Math.max(...table.map((row) => (row[column] ?? '').length));
  const columns = [0, ...widths.map((column) => column + 1)];
  return table
    .map((row, index) =>
      columns
        .map((column) => {
          const text = (row[column] ?? '').padEnd(widthOf(column));
          const cell = index > 0 && column > 0 ? cellOf(row[0] ?? '', names[column - 1] ?? '') : undefined;
          return cell ? painted(cell, text, colors) : text;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function textOf(cell: TrafficCell | undefined): string {
  if (!cell) return '';
  const { status, answered, requests, latencyMs, failure } = cell;
  if (status === 'skip') return 'skipped';
  const counts = `${answered}/${requests}`;
  return failure ? `${counts} ${failure.reason}` : `${counts} mTLS ${latencyMs?.median ?? '?'} ms`;
}

function painted({ status }: TrafficCell, text: string, colors: Colors): string {
  if (status === 'pass') return colors.green(text);
  return status === 'fail' ? colors.red(text) : colors.dim(text);
}
