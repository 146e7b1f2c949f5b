/** What a user must know about their input or their clusters, with the place it comes from. */
export type Severity = 'error' | 'warning';

/** A position in a source file. Lines and columns count from 1, as editors do. */
export interface SourceRange {
  file: string;
  line: number;
  column: number;
}

/** One finding. `code` is a stable kebab-case name; `hint` says what to do about it. */
export interface Diagnostic {
  severity: Severity;
  code: string;
  message: string;
  hint?: string;
  /** The address of the object that it is about. */
  address?: string;
  /** What a finding of a lint rule is about; waivers name it. */
  subject?: string;
  file?: string;
  line?: number;
  column?: number;
}
