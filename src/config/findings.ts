import { lintFinding } from '../lint/finding.js';
import { isLint } from '../lint/judge.js';
import { inOrder } from '../lint/order.js';
import type { LintFinding, LintRule } from '../lint/rules.js';
import type { Diagnostic, Severity, SourceRange } from '../model/diagnostic.js';

/** Where a finding is: a position, or only a file where the file as a whole is meant. */
export type Place = SourceRange | { file: string };

/** Collects what is wrong with the input, so that one run tells all of it. */
export class Findings {
  #items: Diagnostic[] = [];

  error(code: string, place: Place, message: string, hint: string): void {
    this.#add('error', code, place, message, hint);
  }

  warning(code: string, place: Place, message: string, hint: string): void {
    this.#add('warning', code, place, message, hint);
  }

  /** Tells what a lint rule found. */
  lint(rule: LintRule, place: Place, finding: LintFinding): void {
    this.#items.push(lintFinding(rule, place, finding));
  }

  /** Takes back what rules found, for instance because the input turns out to be incomplete. */
  withdraw(rules: ReadonlySet<LintRule>): void {
    this.#items = this.#items.filter((item) => !(isLint(item) && rules.has(item.code as LintRule)));
  }

  /** Whether something with this code was found. */
  has(code: string): boolean {
    return this.#items.some((item) => item.code === code);
  }

  /** How many findings there are so far. */
  get count(): number {
    return this.#items.length;
  }

  /** In the order of files as they were read, then by position; each finding once. */
  sorted(): Diagnostic[] {
    return inOrder([...new Map(this.#items.map((item) => [JSON.stringify(item), item])).values()]);
  }

  #add(severity: Severity, code: string, place: Place, message: string, hint: string): void {
    this.#items.push({ severity, code, message, hint, ...place });
  }
}
