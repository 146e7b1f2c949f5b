import type { Check, VerifyReport } from '../../model/verify.js';
import type { Colors } from '../output.js';
import { cut, listProxies, renderProxies } from '../render/proxies-text.js';
import { renderCheck } from '../render/verify-text.js';
import { type Look, timeOf } from './look.js';

/** What a picture shows. */
export interface Shown {
  title: string;
  last: Look;
  /** The last look of all checks. */
  whole: { report: VerifyReport; at: Date };
  /** Oldest first. */
  changes: readonly string[];
  /** Whether each proxy is named. */
  verbose: boolean;
}

/** The terminal's size. */
export interface Canvas {
  colors: Colors;
  columns: number;
  rows: number;
}

/**
 * A picture that fits the terminal: what is most needed first, then the proxies by name, and the last changes in
 * what room is left.
 */
export function renderPicture(shown: Shown, { colors, columns, rows }: Canvas): string {
  const { report, at } = shown.last;
  // One line is the cursor's.
  const room = new Room(rows - 1);
  room.add([headOf(shown.title, at, { colors, columns }), '']);
  const verdict = wrap(verdictOf(shown, colors), columns - 1);
  const table = renderProxies(report.proxies, colors, columns - 1).map((line) => wrap(line, columns - 1));
  const wrong = report.checks.filter(({ status }) => status === 'fail' || status === 'warn');
  const told = wrong.flatMap((check) =>
    renderCheck(check, colors).flatMap((line) => wrap(line, columns - 1)),
  );
  // Of many clusters some give way to what fails, but not more than half of the room.
  const free = room.left - verdict.length - 1;
  room.add(table, 'clusters', Math.max(free - told.length - 1, Math.floor(free / 2)));
  room.add(['', ...verdict]);
  if (told.length > 0) room.add(['', ...told]);
  const named = listProxies(report.proxies, shown.verbose).map((line) => cut(line, columns - 1));
  if (named.length > 0) room.add(['', ...named], 'proxies');
  const count = Math.min(shown.changes.length, room.left - 1);
  if (count > 0) room.add(['', ...shown.changes.slice(-count).map((line) => cut(line, columns - 1))]);
  return room.lines.join('\n');
}

function headOf(title: string, at: Date, { colors, columns }: Pick<Canvas, 'colors' | 'columns'>): string {
  const time = timeOf(at);
  const room = columns - 1 - time.length - 1;
  return `${colors.dim(cut(title, room).padEnd(room))} ${time}`;
}

/** What is known now, and of all else when it was looked at last. */
function verdictOf({ last, whole }: Shown, colors: Colors): string {
  const failed = ({ status }: Check) => status === 'fail';
  const { checks } = last.report;
  const now = checks.filter(failed).length;
  const text =
    now === 0 ? 'Nothing fails' : `${now} of ${checks.length} checks ${now === 1 ? 'fails' : 'fail'}`;
  const told = new Set(checks.map(keyOf));
  const rest = whole.report.checks.filter((check) => failed(check) && !told.has(keyOf(check)));
  const names = rest.map(({ id, cluster }) => (cluster ? `${id} of ${cluster}` : id)).join(', ');
  const then = last.isWhole
    ? ''
    : ` All ${whole.report.checks.length} checks were made at ${timeOf(whole.at)}`;
  const verdict = `${text}.${then && `${then}${names ? `; of those not made now ${names} failed` : ''}.`}`;
  return (now + rest.length === 0 ? colors.green : colors.red)(verdict);
}

const keyOf = ({ id, cluster }: Check) => `${id} ${cluster ?? ''}`;

/** Lines that are no wider than the terminal, as far as they fit into it. */
class Room {
  readonly lines: string[] = [];

  constructor(private readonly rows: number) {}

  get left(): number {
    return this.rows - this.lines.length;
  }

  /**
   * Adds items, a line or several each, in `left` lines at most. Where not all have room, the last line tells how
   * many `what` are left out.
   */
  add(items: readonly (string | string[])[], what = 'lines', left = this.left): void {
    if (left <= 0) return;
    const shown = [...items];
    while (shown.flat().length > left - Number(shown.length < items.length)) shown.pop();
    this.lines.push(...shown.flat());
    if (shown.length < items.length) this.lines.push(`… ${items.length - shown.length} more ${what}`);
  }
}

/** What colours text, which takes no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these sequences begin with one
const COLOUR = /\u001b\[\d+m/g;

/** A line broken between its words, or within one that is too long; the rest is as far in as the line is. */
function wrap(line: string, width: number): string[] {
  if (lengthOf(line) <= width) return [line];
  const indent = /^ */.exec(line)?.[0] ?? '';
  const room = Math.max(1, width - indent.length);
  const words = line
    .trimStart()
    .split(' ')
    .flatMap((word) =>
      lengthOf(word) > room ? (word.match(new RegExp(`.{1,${room}}`, 'g')) ?? []) : [word],
    );
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && lengthOf(last) + 1 + lengthOf(word) <= room)
      lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines.map((text) => indent + text);
}

const lengthOf = (text: string): number => text.replaceAll(COLOUR, '').length;
