import type { Findings } from '../findings.js';
import { parseYaml } from '../yaml/parse.js';
import { readText } from '../yaml/read-file.js';
import type { SourceNode } from '../yaml/source-node.js';
import { applyJsonPatch } from './json-patch.js';
import { mergePatch } from './merge-patch.js';

/**
 * Lays overlay files over the tree of mesh.yaml, in order. A list at the top of an overlay is an RFC 6902
 * patch, a map is a merge patch. Values that an overlay brings keep their position in it.
 */
export async function applyOverlays(
  base: SourceNode,
  files: readonly string[],
  findings: Findings,
): Promise<SourceNode> {
  let tree = base;
  for (const file of files) {
    const overlay = await readOverlay(file, findings);
    if (overlay === undefined) continue;
    if (overlay.kind === 'list') tree = applyJsonPatch(tree, overlay, findings);
    else if (overlay.kind === 'map') tree = mergePatch(tree, overlay, findings);
    else {
      const hint = 'write a map like mesh.yaml itself, or a list of RFC 6902 operations';
      findings.error('overlay-failed', overlay.at, 'an overlay has to be a map or a list', hint);
    }
  }
  return tree;
}

async function readOverlay(file: string, findings: Findings): Promise<SourceNode | undefined> {
  const missing = {
    code: 'overlay-missing',
    message: `there is no overlay file ${file}`,
    hint: 'mind the path of --overlay and of MESHPLAN_OVERLAY; it is relative to the working folder',
  };
  const text = await readText(file, file, missing, findings);
  if (text === undefined) return undefined;
  const wasFine = !findings.hasErrors;
  const [first, second] = parseYaml(text, file, 'meshplan', findings);
  if (second !== undefined) {
    findings.error(
      'several-documents',
      second.at,
      'an overlay is a single YAML document',
      'use one file for each',
    );
  } else if (first === undefined && (wasFine ? !findings.hasErrors : text.trim() === '')) {
    findings.error(
      'empty-file',
      { file },
      `${file} is empty`,
      'leave the overlay out, or write a patch into it',
    );
  }
  return first;
}
