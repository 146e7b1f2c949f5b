import type { Diagnostic, SourceRange } from '../model/diagnostic.js';
import { LINT_RULES, type LintFinding, type LintRule } from './rules.js';

/** What a rule found, as it is told. */
export const lintFinding = (
  rule: LintRule,
  place: SourceRange | { file: string },
  finding: LintFinding,
): Diagnostic => ({
  severity: LINT_RULES[rule],
  code: rule,
  ...finding,
  ...place,
});
