import { type Document, LineCounter, parseAllDocuments, type Tags, type YAMLError } from 'yaml';
import type { SourceRange } from '../../model/diagnostic.js';
import type { Findings } from '../findings.js';
import { TreeBuilder, UnusableDocument } from './build.js';
import type { SourceNode } from './source-node.js';

/**
 * `meshplan` reads YAML 1.2. `kubernetes` reads YAML 1.1 as kubectl does (`yes` is true, `0644` is octal),
 * without the types that kubectl leaves as text: times and numbers in base 60.
 */
export type Dialect = 'meshplan' | 'kubernetes';

const textInKubernetes = new Set(['timestamp', 'binary', 'omap', 'pairs', 'set']);

function kubernetesTags(tags: Tags): Tags {
  return tags.filter((tag) => {
    if (typeof tag === 'string') return true;
    const name = tag.tag.slice(tag.tag.lastIndexOf(':') + 1);
    return !textInKubernetes.has(name) && !('format' in tag && tag.format === 'TIME');
  });
}

/**
 * The documents of a YAML text, empty ones left out. What is wrong goes to `findings`: `yaml-syntax`,
 * `duplicate-key`, `yaml-alias`, `yaml-key`; a document that cannot be read is left out too.
 */
export function parseYaml(text: string, file: string, dialect: Dialect, findings: Findings): SourceNode[] {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, keepSourceTokens: false };
  const parsed =
    dialect === 'kubernetes'
      ? parseAllDocuments(text, { ...options, version: '1.1', customTags: kubernetesTags })
      : parseAllDocuments(text, { ...options, version: '1.2', merge: true });
  const documents: Document[] = Array.isArray(parsed) ? parsed : [];
  return documents.flatMap((document) => {
    const tree = readDocument(document, lines, file, findings);
    return tree ? [tree] : [];
  });
}

function readDocument(document: Document, lines: LineCounter, file: string, findings: Findings) {
  const problems = [...document.errors, ...document.warnings];
  // After a syntax error the parser guesses: what follows is mostly noise, and so is the tree.
  const telling = (problem: YAMLError) => problem === firstOther || problem.code === 'DUPLICATE_KEY';
  const firstOther = problems.find((problem) => problem.code !== 'DUPLICATE_KEY');
  for (const problem of problems.filter(telling)) report(problem, lines, file, findings);
  if (firstOther !== undefined || document.contents === null) return undefined;
  const start: SourceRange = { file, line: 1, column: 1 };
  try {
    return new TreeBuilder(document, lines, file, findings).build(document.contents, start);
  } catch (error) {
    if (error instanceof UnusableDocument) return undefined;
    throw error;
  }
}

function report(problem: YAMLError, lines: LineCounter, file: string, findings: Findings): void {
  const { line, col } = lines.linePos(problem.pos[0]);
  const at = { file, line, column: col };
  if (problem.code === 'DUPLICATE_KEY') {
    findings.error('duplicate-key', at, 'this key stands twice in one map', 'keep one of the two');
    return;
  }
  // The parser quotes the source after a colon; a Secret's manifest must not be quoted.
  const message = problem.message.replace(/: ".*$/s, '');
  findings.error('yaml-syntax', at, message, syntaxHint(problem));
}

/** The parser says where it stopped; what is wrong is often the line before or after. */
function syntaxHint({ code, message }: YAMLError): string {
  if (code === 'BLOCK_AS_IMPLICIT_KEY')
    return 'the next line is indented too deep, or a text with `: ` in it needs quotes';
  if (code === 'BAD_INDENT' && message.startsWith('All '))
    return 'indent this line like the one it belongs beside, above';
  if (message.startsWith('Sequence item without')) return 'indent this line like the keys of the item above';
  return 'mind indentation (spaces, no tabs), colons, quotes and brackets';
}
