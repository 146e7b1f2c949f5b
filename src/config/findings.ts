import { InvalidInputError } from '../errors/index.js';
import { LINT_RULES, type LintFinding, type LintRule } from '../lint/rules.js';
import type { Diagnostic, Severity, SourceRange } from '../model/diagnostic.js';

/** Where a finding is: a position, or only a file where the file as a whole is meant. */
export type Place = SourceRange | { file: string };

/** Collects what is wrong with the input, so that one run tells all of it. */
export class Findings {
  readonly #items: Diagnostic[] = [];

  error(code: string, place: Place, message: string, hint: string): void {
    this.#add('error', code, place, message, hint);
  }

  warning(code: string, place: Place, message: string, hint: string): void {
    this.#add('warning', code, place, message, hint);
  }

  /** Tells what a lint rule found. */
  lint(rule: LintRule, place: Place, finding: LintFinding): void {
    this.#items.push({ severity: LINT_RULES[rule], code: rule, ...finding, ...place });
  }

  /** How many findings there are so far. */
  get count(): number {
    return this.#items.length;
  }

  get hasErrors(): boolean {
    return this.#items.some((item) => item.severity === 'error');
  }

  /** In the order of files as they were read, then by position; each finding once. */
  sorted(): Diagnostic[] {
    const files = [...new Set(this.#items.map((item) => item.file))];
    const unique = new Map(this.#items.map((item) => [JSON.stringify(item), item]));
    return [...unique.values()].sort(
      (a, b) =>
        files.indexOf(a.file) - files.indexOf(b.file) ||
        (a.line ?? 0) - (b.line ?? 0) ||
        (a.column ?? 0) - (b.column ?? 0),
    );
  }

  /** Throws InvalidInputError with all findings where one is an error or, when strict, where any is. */
  throwIfAny(strict: boolean): void {
    if (this.hasErrors || (strict && this.#items.length > 0)) throw new InvalidInputError(this.sorted());
  }

  #add(severity: Severity, code: string, place: Place, message: string, hint: string): void {
    this.#items.push({ severity, code, message, hint, ...place });
  }
}
