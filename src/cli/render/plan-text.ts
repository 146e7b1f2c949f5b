import type { Operation } from 'fast-json-patch';
import {
  type Change,
  isUnread,
  type Plan,
  type PlannedAction,
  type PlannedObject,
  type Reason,
} from '../../model/plan.js';
import type { Colors } from '../output.js';
import { abandonedLines } from './abandoned-text.js';
import { fencedLines } from './fenced-text.js';
import { impactLines, selectionLines } from './selection-text.js';
import { changeText, valueText } from './value-text.js';
import { waivedLines } from './waived-text.js';

export const SIGNS: Record<Change, string> = {
  create: '+',
  update: '~',
  replace: '-/+',
  delete: '-',
  noop: ' ',
  unknown: '?',
  blocked: '!',
};

/** Why, in words; `absent` and `in-sync` go without saying. */
const REASONS: Partial<Record<Reason, string>> = {
  'being-deleted': 'is being deleted; made anew once it is gone',
  'deleted-outside': 'was deleted outside meshplan',
  'changed-outside': 'was changed outside meshplan',
  'declaration-changed': 'the declaration changed',
  'pods-without-sidecar': 'pods have no sidecar',
  'awaits-value': 'decided during apply, when the value is known',
  'not-predictable': 'decided during apply: an admission webhook does not answer now',
  'immutable-field': 'a field that is set only at creation changes',
  adopted: 'was there before; taken over',
  'made-before-fence': 'is older than a fence',
  'not-declared': 'is no longer declared',
  'left-by-controller': 'was left behind by a controller of Kubernetes',
  conflict: 'others own declared fields',
  'invalid-object': 'refused as it is written',
  'cluster-unreachable': 'the cluster cannot be read',
  forbidden: 'a right to read it is missing',
  'server-error': 'the API server fails to show it',
  'dependency-blocked': 'waits for something that is blocked',
  'stale-object': 'an object of its cluster has changed since the plan',
  'holds-foreign-objects': 'stays: it holds objects of others',
};

export interface TextOptions {
  colors: Colors;
  /** Show every operation of created objects too. */
  verbose: boolean;
}

/** The plan for people, in Terraform's habit: signs, why, and a summary line. */
export function renderPlan(plan: Plan, options: TextOptions): string {
  const pending = plan.actions.filter((action) => action.change !== 'noop');
  const changed = pending.filter((action) => !isOfUnread(action, plan));
  const lines: string[] = [];
  lines.push(...inForce(plan));
  const fenced = fencedLines(plan);
  if (fenced.length > 0) lines.push(...fenced, '');
  for (const action of options.verbose ? pending : changed)
    lines.push(...renderAction(action, options, plan), '');
  const closing = [...abandonedLines(plan, options.verbose), ...selectionLines(plan), ...impactLines(plan)];
  closing.push(...waivedLines(plan.waived, options.verbose));
  const unread = plan.clusters.filter((cluster) => !cluster.reachable);
  for (const { name } of unread) lines.push(...renderUnread(name, pending, options));
  lines.push(...renderDrift(plan, options), ...closing, planLine(plan));
  return lines.join('\n');
}

/** What beyond mesh.yaml decides the plan. */
export function inForce({ environment, overlays }: Pick<Plan, 'environment' | 'overlays'>): string[] {
  const lines = [
    ...(environment === undefined ? [] : [`Environment: ${environment}`]),
    ...(overlays.length > 0 ? [`Overlays in force: ${overlays.join(', ')}`] : []),
  ];
  return lines.length > 0 ? [...lines, ''] : [];
}

/** Whether nothing can be told of an action, because its cluster could not be read. */
const isOfUnread = ({ reason, cluster }: PlannedAction, plan: Plan): boolean =>
  reason === 'cluster-unreachable' && plan.clusters.some((item) => item.name === cluster && !item.reachable);

/** All that could not be compared in a cluster, in one line. */
function renderUnread(cluster: string, pending: PlannedAction[], { colors }: TextOptions): string[] {
  const own = pending.filter(
    (action) => action.cluster === cluster && action.reason === 'cluster-unreachable',
  );
  if (own.length === 0) return [];
  const objects = own.reduce((sum, action) => sum + action.objects.length, 0);
  const what = `${objects} ${objects === 1 ? 'object' : 'objects'} of ${own.length} ${own.length === 1 ? 'action' : 'actions'}`;
  return [
    `${paint('unknown', colors, '?')} ${colors.bold(cluster)}  UNKNOWN, for it cannot be read: ${what} not compared`,
    '',
  ];
}

/** One action of a plan, with its objects. */
export function renderAction(action: PlannedAction, options: TextOptions, plan: Plan): string[] {
  const { colors } = options;
  const neededBy = plan.selection?.included.find((item) => item.id === action.id)?.neededBy;
  const because = neededBy === undefined ? undefined : `because ${neededBy} needs it`;
  const why = [REASONS[action.reason], because].filter((part) => part !== undefined).join('; ');
  const impact = action.impact === 'none' ? '' : colors.dim(` [impact: ${action.impact}]`);
  const head = `${paint(action.change, colors, SIGNS[action.change])} ${colors.bold(action.id)}  ${action.purpose}${why ? ` (${why})` : ''}${impact}`;
  const changed = action.objects.filter(
    (object) => object.change !== 'noop' || object.reason === 'holds-foreign-objects',
  );
  const notes = (action.notes ?? []).map((note) => colors.dim(`    note: ${note}`));
  return [head, ...notes, ...folded(changed, options.verbose).flatMap((item) => renderObject(item, options))];
}

interface Folded {
  object: PlannedObject;
  /** How many of the same kind and change this line stands for. */
  count: number;
}

/** Istio's CRDs come and go together: one line for all. */
function folded(objects: PlannedObject[], verbose: boolean): Folded[] {
  const crds = objects.filter(
    ({ kind, change }) => kind === 'CustomResourceDefinition' && (change === 'create' || change === 'delete'),
  );
  if (verbose || crds.length < 4) return objects.map((object) => ({ object, count: 1 }));
  const [first] = crds;
  const rest = objects.filter((object) => !crds.includes(object)).map((object) => ({ object, count: 1 }));
  return first ? [{ object: first, count: crds.length }, ...rest] : rest;
}

function renderObject({ object, count }: Folded, options: TextOptions): string[] {
  const { colors, verbose } = options;
  const sign = paint(object.change, colors, SIGNS[object.change]);
  if (count > 1) return [`    ${sign} ${count} ${object.kind}s`];
  const lines = [`    ${sign} ${object.address}${colors.dim(whyOf(object))}`];
  lines.push(...(object.notes ?? []).map((note) => colors.dim(`        note: ${note}`)));
  if (object.change === 'update' || object.change === 'replace' || (verbose && object.change === 'create')) {
    lines.push(...object.patch.map((operation) => `        ${renderOperation(operation, object, colors)}`));
  }
  for (const { pointer, value } of object.unknown)
    lines.push(`        ${pointer} = ${colors.dim(value.toString())}`);
  return lines;
}

function whyOf({ reason, adoptedFrom }: PlannedObject): string {
  const why = REASONS[reason];
  const from = adoptedFrom?.length ? ` from ${adoptedFrom.join(', ')}` : '';
  return why ? `  # ${why}${from}` : '';
}

function renderOperation(operation: Operation, object: PlannedObject, colors: Colors): string {
  const path = operation.path === '' ? object.kind : operation.path;
  const was = object.before?.[operation.path];
  switch (operation.op) {
    case 'add':
      return colors.green(`+ ${path} = ${valueText(operation.value)}`);
    case 'remove':
      return colors.red(`- ${path}${was === undefined ? '' : ` = ${valueText(was)}`}`);
    case 'replace':
      return colors.yellow(
        `~ ${path} = ${was === undefined ? valueText(operation.value) : changeText(was, operation.value)}`,
      );
    default:
      return `${operation.op} ${path}`;
  }
}

function renderDrift(plan: Plan, { colors }: TextOptions): string[] {
  if (plan.drift.length === 0) return [];
  const lines = plan.drift.map((entry) => {
    const who = entry.by ? ` by ${entry.by}${entry.at ? ` at ${entry.at}` : ''}` : '';
    const fields = entry.patch.map((item) => item.path).join(', ');
    const what = { deleted: 'deleted', replaced: `made anew${who}` }[entry.rule as string];
    return `    ${entry.address} ${what ?? `changed${who}: ${fields}`}`;
  });
  return [colors.bold('Changed outside meshplan:'), ...lines, ''];
}

/** What a plan comes to, in one line. */
export const planLine = (plan: Plan): string =>
  summaryLine(
    plan,
    plan.actions.filter((action) => action.change !== 'noop' && !isOfUnread(action, plan)).length,
  );

function summaryLine(plan: Plan, changed: number): string {
  const missing = plan.clusters.filter((cluster) => !cluster.reachable).map((cluster) => cluster.name);
  const unread = missing.length > 0 ? ` UNKNOWN: ${missing.join(', ')}.` : '';
  if (changed === 0) {
    if (plan.selection) return `No changes in what is selected.${unread}`;
    if (!plan.complete) return `No changes in what could be read.${unread}`;
    return plan.mode === 'destroy'
      ? 'Nothing to remove: no object of this mesh is in its clusters.'
      : `No changes. The clusters match ${plan.mesh}.`;
  }
  return `Plan: ${countsOf(plan)}.${unread}`;
}

function countsOf({ summary, actions }: Plan): string {
  const items = actions.flatMap((action): Pick<PlannedObject, 'change' | 'reason'>[] =>
    action.objects.length === 0 ? [action] : action.objects,
  );
  const unread = items.filter((item) => item.change === 'unknown' && isUnread(item.reason)).length;
  const undecided = summary.unknown - unread;
  const parts = [`${summary.create} to create`, `${summary.update} to update`, `${summary.delete} to delete`];
  if (summary.replace > 0) parts.push(`${summary.replace} to replace`);
  if (undecided > 0) parts.push(`${undecided} decided during apply`);
  if (unread > 0) parts.push(`${unread} not compared`);
  if (summary.blocked > 0) parts.push(`${summary.blocked} blocked`);
  return parts.join(', ');
}

function paint(change: Change, colors: Colors, text: string): string {
  if (change === 'create') return colors.green(text);
  if (change === 'delete' || change === 'blocked') return colors.red(text);
  return change === 'noop' ? text : colors.yellow(text);
}
