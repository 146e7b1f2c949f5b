import type { Findings } from '../findings.js';
import { applyJsonPatch, type PatchTerms } from '../patch/json-patch.js';
import { mergePatch } from '../patch/merge-patch.js';
import { readDocument } from '../yaml/read-document.js';
import type { SourceNode } from '../yaml/source-node.js';
import { overlayRules } from './merge-rules.js';

const TERMS: PatchTerms = {
  code: 'overlay-failed',
  what: 'the mesh file',
  hint: 'compare the operation with the mesh file as earlier overlays leave it',
};

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
    const missing = {
      code: 'overlay-missing',
      message: `there is no overlay file ${file}`,
      hint: 'mind --overlay and MESHPLAN_OVERLAY; paths are relative to the working folder',
    };
    const overlay = await readDocument(file, missing, findings);
    if (overlay === undefined) continue;
    if (overlay.kind === 'list') tree = applyJsonPatch(tree, overlay, TERMS, findings);
    else if (overlay.kind === 'map') tree = mergePatch(tree, overlay, overlayRules(findings));
    else {
      const hint = 'write a map like mesh.yaml itself, or a list of RFC 6902 operations';
      findings.error('overlay-failed', overlay.at, 'an overlay has to be a map or a list', hint);
    }
  }
  return tree;
}
