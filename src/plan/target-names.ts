import { InvalidInputError } from '../errors/index.js';
import { matcher } from '../match/globs.js';
import { nearest } from '../match/nearest.js';
import type { DesiredAction } from '../model/action.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { addressOf, refOf } from '../model/kube.js';
import { actionId } from '../model/names.js';
import type { Plan } from '../model/plan.js';
import type { PlanRequest } from '../model/request.js';

/** Whether a name is one that some of the patterns mean. */
export function anyOf(patterns: readonly string[]): (name: string) => boolean {
  const matchers = patterns.map(matcher);
  return (name) => matchers.some((matches) => matches(name));
}

/**
 * A pattern that means nothing is most likely misspelt, and a plan of nothing would look like success.
 * @throws InvalidInputError `target-no-match`, all such patterns at once.
 */
export function refuseUnmatched(plan: Plan, request: PlanRequest, declared: readonly DesiredAction[]): void {
  const names = namesOf(plan, declared);
  const find = (flag: string, patterns: readonly string[] = []) =>
    patterns
      .filter((pattern) => !names.some(matcher(pattern)))
      .map((pattern) => finding(flag, pattern, names, plan));
  const findings = [...find('--target', request.targets), ...find('--exclude', request.excludes)];
  if (findings.length > 0) throw new InvalidInputError(findings);
}

/**
 * What may be named: what stands in the plan, what is declared though a removal found it gone, and the
 * deletes of what is no longer declared, which stand in a plan only when there are any.
 */
function namesOf(plan: Plan, declared: readonly DesiredAction[]): string[] {
  const planned = plan.actions.flatMap(({ id, objects }) => [id, ...objects.map((item) => item.address)]);
  const desired = declared.flatMap(({ id, objects }) => [
    id,
    ...objects.map(({ cluster, object }) => addressOf(refOf(cluster, object))),
  ]);
  const removals = plan.clusters.flatMap(({ name }) => [actionId.removal(name), actionId.leftovers(name)]);
  return [...new Set([...planned, ...desired, ...removals])];
}

const finding = (flag: string, pattern: string, names: string[], plan: Plan): Diagnostic => ({
  severity: 'error',
  code: 'target-no-match',
  message: `${flag} ${pattern}: no action and no object of mesh ${plan.mesh} is called so`,
  hint: hintFor(pattern, names, plan),
});

function hintFor(pattern: string, names: string[], plan: Plan): string {
  if (plan.clusters.some((cluster) => cluster.name === pattern)) return `did you mean \`${pattern}/**\`?`;
  const close = nearest(pattern, names);
  if (close !== undefined) return `did you mean \`${close}\`?`;
  const last = pattern.slice(pattern.lastIndexOf('/') + 1);
  const alike = /[*?]/.test(last) ? [] : names.filter((name) => name.endsWith(`/${last}`)).slice(0, 3);
  if (alike.length > 0) return `called ${last}: ${alike.join(', ')}`;
  return 'Name an action as the plan shows it, or an object as CLUSTER/APIVERSION/KIND/NAMESPACE/NAME; * stands for anything within a part, ** for any parts.';
}
