import type { Findings } from '../findings.js';
import { parseYaml } from './parse.js';
import { type MissingFile, readText } from './read-file.js';
import type { SourceNode } from './source-node.js';

/**
 * The only document of a file of meshplan's own (mesh.yaml or an overlay). Undefined after a finding: no file,
 * no readable YAML, `empty-file`; a second document is reported (`several-documents`) and left out. `given`: what the
 * file is to say, so that it is not read.
 */
export async function readDocument(
  file: string,
  missing: MissingFile,
  findings: Findings,
  given?: string,
): Promise<SourceNode | undefined> {
  const text = given ?? (await readText(file, file, missing, findings));
  if (text === undefined) return undefined;
  const before = findings.count;
  const [first, second] = parseYaml(text, file, 'meshplan', findings);
  if (second !== undefined) {
    const hint = 'use one file for each document; `---` begins another one';
    findings.error('several-documents', second.at, 'this file has to be a single YAML document', hint);
  }
  if (first !== undefined && !(first.kind === 'scalar' && first.value === null)) return first;
  if (findings.count === before) {
    findings.error('empty-file', { file, line: 1, column: 1 }, `${file} is empty`, 'see `meshplan schema`');
  }
  return undefined;
}
