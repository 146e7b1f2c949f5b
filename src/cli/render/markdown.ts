import pc from 'picocolors';
import type { Diagnostic } from '../../model/diagnostic.js';
import type { DriftReport } from '../../model/drift.js';
import type { Plan } from '../../model/plan.js';
import { authorText, summaryLine as driftLine, whatDiffers } from './drift-text.js';
import { fencedLines } from './fenced-text.js';
import { planLine, renderAction } from './plan-text.js';
import { impactLines, selectionLines } from './selection-text.js';
import { waivedLines } from './waived-text.js';

/** GitHub takes comments of 65,536 characters; the frame needs some of them. */
const LONGEST_DETAILS = 55_000;

const PLAIN = pc.createColors(false);

/** A plan as a comment on a pull request: a table, the details folded. Values of Secrets are masked already. */
export function planToMarkdown(plan: Plan): string {
  const changed = plan.actions.filter((action) => action.change !== 'noop');
  const details = changed.map((action) => ({
    title: `${action.id}: ${action.purpose}`,
    lines: renderAction(action, { colors: PLAIN, verbose: false }, plan),
  }));
  return joined([
    `### meshplan: plan of ${text(plan.mesh)}${plan.environment ? ` in ${text(plan.environment)}` : ''}`,
    `**${text(planLine(plan))}**`,
    [...fencedLines(plan), ...selectionLines(plan), ...impactLines(plan), ...waivedLines(plan.waived, false)]
      .map(text)
      .join(' '),
    changed.length > 0
      ? table(
          ['action', 'change', 'reason', 'impact', 'objects'],
          changed.map(({ id, change, reason, impact, objects }) => [
            code(id),
            change,
            reason,
            impact,
            String(objects.filter((object) => object.change !== 'noop').length),
          ]),
        )
      : '',
    folded(details),
    findings(plan.diagnostics),
  ]);
}

/** What `drift` found, in the same form. */
export function driftToMarkdown(report: DriftReport): string {
  const { plan, pending, ignored } = report;
  const details = plan.drift.map((entry) => ({
    title: [entry.address, authorText(entry)].filter(Boolean).join(', '),
    lines: whatDiffers(entry),
  }));
  const total = ignored.reduce((sum, { count }) => sum + count, 0);
  return joined([
    `### meshplan: drift of ${text(plan.mesh)}${plan.environment ? ` in ${text(plan.environment)}` : ''}`,
    `**${text(driftLine(report))}**`,
    plan.drift.length > 0
      ? table(
          ['object', 'lens', 'what', 'by', 'at'],
          plan.drift.map(({ address, lens, rule, by, at }) => [
            code(address),
            lens,
            rule,
            by ? code(by) : '',
            at ?? '',
          ]),
        )
      : '',
    folded(details),
    pending.length > 0
      ? `Declared, and not applied:\n\n${pending.map((item) => `- ${code(item.address)} ${item.change}`).join('\n')}`
      : '',
    total > 0 ? `Ignored by \`spec.drift.ignore\`: ${total}.` : '',
    findings(plan.diagnostics),
  ]);
}

const joined = (parts: string[]) => `${parts.filter(Boolean).join('\n\n')}\n`;

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

interface Detail {
  title: string;
  lines: string[];
}

/** Folded blocks, as many as a comment holds; how many are left out is said. */
function folded(details: Detail[]): string {
  const blocks = details.map(
    ({ title, lines }) => `<details><summary>${text(title)}</summary>\n\n${fenced(lines)}\n\n</details>`,
  );
  const shown: string[] = [];
  let length = 0;
  for (const block of blocks) {
    length += block.length + 2;
    if (length > LONGEST_DETAILS) break;
    shown.push(block);
  }
  const left = blocks.length - shown.length;
  return [...shown, ...(left > 0 ? [`The details of ${left} more do not fit in here.`] : [])].join('\n\n');
}

/** Signs stand first in a line, where a viewer of diffs colours them; the fence is longer than any inside. */
function fenced(lines: string[]): string {
  const body = lines
    .join('\n')
    .split('\n')
    .map((line) =>
      line.replace(/^(\s*)(-\/\+|[+~?!-]) /, (_, indent, sign) => `${colourSign(sign)} ${indent}`),
    )
    .join('\n');
  const longest = Math.max(2, ...[...body.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${body}\n${fence}`;
}

const colourSign = (sign: string) => (sign === '+' || sign === '-' ? sign : '!');

const findings = (diagnostics: readonly Diagnostic[]) =>
  diagnostics
    .map(({ severity, code: name, message, hint, file, line }) => {
      const place = file ? ` ${code(line === undefined ? file : `${file}:${line}`)}` : '';
      return `- **${severity}** ${name}${place}: ${text(message)}${hint ? ` (${text(hint)})` : ''}`;
    })
    .join('\n');

/** Text that is no markup: a comment must show what is written in a cluster, not obey it. */
const text = (plain: string) =>
  plain
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_{}[\]()#|~@!]/g, (sign) => `\\${sign}`)
    .replace(/\s*\n\s*/g, ' ');

/** A code span that also holds in a table. */
const code = (plain: string) =>
  `\`${plain
    .replaceAll('`', "'")
    .replaceAll('|', '\\|')
    .replace(/\s*\n\s*/g, ' ')}\``;
