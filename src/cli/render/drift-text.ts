import type { Operation } from 'fast-json-patch';
import type { DriftEntry, DriftLens, DriftReport, PendingChange } from '../../model/drift.js';
import type { PlannedAction } from '../../model/plan.js';
import type { Colors } from '../output.js';
import { inForce, SIGNS, type TextOptions } from './plan-text.js';
import { selectionLines } from './selection-text.js';
import { changeText, valueText } from './value-text.js';
import { waivedLines } from './waived-text.js';

const HEADINGS: Record<DriftLens, string> = {
  declared: 'Changed outside meshplan (declared -> live):',
  added: 'Added by others (nothing takes it back):',
  meaning: 'What no declared field shows:',
};

/** The differences for people: what, who and when by each lens, then what the declaration still asks for. */
export function renderDrift({ plan, pending, ignored }: DriftReport, options: TextOptions): string {
  const { colors } = options;
  const lines: string[] = [];
  lines.push(...inForce(plan));
  for (const lens of Object.keys(HEADINGS) as DriftLens[]) {
    const entries = plan.drift.filter((entry) => entry.lens === lens);
    if (entries.length === 0) continue;
    lines.push(colors.bold(HEADINGS[lens]), ...entries.flatMap((entry) => renderEntry(entry, options)), '');
  }
  lines.push(...renderPending(pending, options));
  for (const { rule, count } of ignored) {
    if (count > 0) continue;
    const { file, line } = rule.source;
    lines.push(colors.dim(`note: the rule at ${file}:${line} of spec.drift.ignore fits nothing`));
  }
  const waived = waivedLines(plan.waived, options.verbose);
  const total = ignored.reduce((sum, { count }) => sum + count, 0);
  if (total > 0) lines.push(colors.dim(`Ignored by spec.drift.ignore: ${counted(total, 'difference')}.`));
  return [...lines, ...waived, ...selectionLines(plan), summaryLine({ plan, pending, ignored })].join('\n');
}

/** One item taken from the head of a list moves all behind it: more fields than this tell nothing new. */
const MOST_FIELDS = 12;

function renderEntry(entry: DriftEntry, { colors, verbose }: TextOptions): string[] {
  const lines = [`    ${colors.bold(entry.address)}`];
  const all = whatDiffers(entry);
  const shown = verbose || all.length <= MOST_FIELDS ? all : all.slice(0, MOST_FIELDS);
  for (const line of shown) lines.push(`        ${paint(line, colors)}`);
  if (shown.length < all.length)
    lines.push(`        … and ${all.length - shown.length} more fields (--verbose)`);
  const who = authorText(entry);
  if (who) lines.push(colors.dim(`        ${who}`));
  return lines;
}

/** `by kubectl-edit at 2026-01-01T00:00:00Z`, as far as it is known. */
export const authorText = ({ by, at }: Pick<DriftEntry, 'by' | 'at'>): string =>
  [by ? `by ${by}` : '', at ? `at ${at}` : ''].filter(Boolean).join(' ');

/** What an entry is about, a line for each field. */
export function whatDiffers(entry: DriftEntry): string[] {
  if (entry.rule === 'deleted') return ['- deleted; a cluster keeps no record of who deleted an object'];
  if (entry.rule === 'replaced') return ['~ deleted, and made anew by somebody else'];
  if (entry.message) return [entry.message];
  return entry.patch.map((operation) => operationText(operation, entry));
}

/** An operation leads from live to declared; a reader of drift asks what was done to the declaration. */
function operationText(operation: Operation, { before }: DriftEntry): string {
  const { path } = operation;
  const live = before && path in before ? before[path] : undefined;
  if (operation.op === 'add') return `- ${path} (declared: ${valueText(operation.value)})`;
  if (operation.op === 'replace') {
    return live === undefined ? `~ ${path}` : `~ ${path} = ${changeText(operation.value, live)}`;
  }
  return live === undefined ? `+ ${path}` : `+ ${path} = ${valueText(live)}`;
}

function paint(line: string, colors: Colors): string {
  if (line.startsWith('+ ')) return colors.green(line);
  if (line.startsWith('- ')) return colors.red(line);
  return colors.yellow(line);
}

/** One line for each action; a plan tells the rest. */
function renderPending(pending: PendingChange[], { colors, verbose }: TextOptions): string[] {
  if (pending.length === 0) return [];
  const byAction = new Map<PlannedAction, PendingChange[]>();
  for (const change of pending) byAction.set(change.action, [...(byAction.get(change.action) ?? []), change]);
  const lines = [...byAction].flatMap(([action, changes]) => {
    const objects = action.objects.length === 0 ? '' : ` (${counted(changes.length, 'object')})`;
    const head = `    ${SIGNS[action.change]} ${action.id}  ${action.purpose}${objects}`;
    const details = changes.map(
      ({ change, address, fields }) => `        ${SIGNS[change]} ${[address, ...fields].join(' ')}`,
    );
    return verbose && action.objects.length > 0 ? [head, ...details] : [head];
  });
  return [colors.bold('Declared, and not applied (meshplan plan shows it):'), ...lines, ''];
}

/** What it comes to, in one line. */
export function summaryLine({ plan, pending }: DriftReport): string {
  const count = (lens: DriftLens) => plan.drift.filter((entry) => entry.lens === lens).length;
  const missing = plan.clusters.filter((cluster) => !cluster.reachable).map((cluster) => cluster.name);
  const unread = missing.length > 0 ? ` Not read: ${missing.join(', ')}.` : '';
  if (plan.drift.length + pending.length === 0) {
    if (!plan.complete) return `No drift in what could be read.${unread}`;
    if (plan.selection) return 'No drift in what is selected.';
    return `No drift. The clusters match ${plan.mesh}.`;
  }
  const parts = [
    `${count('declared')} changed`,
    `${count('added')} added by others`,
    counted(count('meaning'), 'finding'),
  ];
  if (pending.length > 0) parts.push(`${pending.length} declared and not applied`);
  return `Drift: ${parts.join(', ')}.${unread}`;
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;
