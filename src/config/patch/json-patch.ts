import jsonPatch, { type Operation } from 'fast-json-patch';
import { messageOf } from '../../errors/index.js';
import type { SourceRange } from '../../model/diagnostic.js';
import type { Findings } from '../findings.js';
import {
  childOf,
  type ListNode,
  nodeAt,
  parsePointer,
  pointerOf,
  type SourceNode,
  textAt,
  toPlain,
} from '../yaml/source-node.js';

const needs: Record<string, readonly string[]> = {
  add: ['path', 'value'],
  replace: ['path', 'value'],
  test: ['path', 'value'],
  remove: ['path'],
  move: ['path', 'from'],
  copy: ['path', 'from'],
};

/** How the faults of a patch are told. */
export interface PatchTerms {
  code: string;
  /** What is patched, as in "there is no `/a` in WHAT". */
  what: string;
  /** What to do about an operation that fails. */
  hint: string;
}

/**
 * Applies an RFC 6902 patch. Each operation is first tried on the plain values, which finds every fault, then
 * done on the tree, whose values keep their positions. A failing operation is reported and left out.
 */
export function applyJsonPatch(
  base: SourceNode,
  patch: ListNode,
  terms: PatchTerms,
  findings: Findings,
): SourceNode {
  let tree = base;
  for (const item of patch.items) tree = applyOperation(tree, item, terms, findings);
  return tree;
}

function applyOperation(
  tree: SourceNode,
  item: SourceNode,
  { code, what, hint }: PatchTerms,
  findings: Findings,
): SourceNode {
  const fault = faultOf(item);
  if (fault !== undefined) {
    findings.error(code, item.at, fault, 'see RFC 6902: op, path, and value or from');
    return tree;
  }
  const operation = toPlain(item) as unknown as Operation;
  const lost = missingPath(tree, item, operation);
  if (lost !== undefined) {
    findings.error(code, lost.at, `there is no \`${lost.path}\` in ${what}`, lost.hint);
    return tree;
  }
  try {
    jsonPatch.applyOperation(toPlain(tree), operation, true, false);
  } catch (error) {
    const message =
      operation.op === 'test'
        ? `the value of \`${operation.path}\` in ${what} is not the one that \`test\` expects`
        : `the operation \`${operation.op}\` fails: ${messageOf(error).split('\n')[0] ?? ''}`;
    findings.error(code, item.at, message, hint);
    return tree;
  }
  return operation.op === 'test' ? tree : applyToTree(tree, item, operation);
}

function faultOf(item: SourceNode): string | undefined {
  if (item.kind !== 'map') return 'an operation has to be a map';
  const wanted = needs[textAt(item, ['op']) ?? ''];
  if (wanted === undefined) return `\`op\` has to be one of ${Object.keys(needs).join(', ')}`;
  const missing = wanted.find((key) =>
    key === 'value' ? childOf(item, key) === undefined : textAt(item, [key]) === undefined,
  );
  return missing === undefined ? undefined : `the operation lacks \`${missing}\``;
}

interface MissingPath {
  at: SourceRange;
  path: string;
  hint: string;
}

/** The first path of the operation that is not in the tree, though it has to be. */
function missingPath(tree: SourceNode, item: SourceNode, operation: Operation): MissingPath | undefined {
  const lookups = [
    { key: 'path', pointer: operation.path, parentOnly: ['add', 'move', 'copy'].includes(operation.op) },
  ];
  if ('from' in operation) lookups.unshift({ key: 'from', pointer: operation.from, parentOnly: false });
  for (const { key, pointer, parentOnly } of lookups) {
    const path = parsePointer(pointer);
    const badStart = pointer !== '' && !pointer.startsWith('/');
    if (badStart || nodeAt(tree, parentOnly ? path.slice(0, -1) : path) === undefined) {
      const hint = badStart ? 'a path begins with `/`' : 'mind the spelling; list items are counted from 0';
      return { at: childOf(item, key)?.at ?? item.at, path: pointer, hint };
    }
  }
  return undefined;
}

/** The same operation on the tree itself, which is plain data whose members lie one level deeper. */
function applyToTree(tree: SourceNode, item: SourceNode, operation: Operation): SourceNode {
  const value = childOf(item, 'value');
  const keyAt = childOf(item, 'path')?.at;
  const onTree = {
    ...operation,
    path: treePointer(tree, operation.path),
    ...('from' in operation ? { from: treePointer(tree, operation.from) } : {}),
    ...(value ? { value: { ...value, keyAt } } : {}),
  } as Operation;
  return jsonPatch.applyOperation(tree, onTree, false, false).newDocument;
}

function treePointer(tree: SourceNode, pointer: string): string {
  const segments: string[] = [];
  let node: SourceNode | undefined = tree;
  for (const key of parsePointer(pointer)) {
    segments.push(node?.kind === 'list' ? 'items' : 'entries', key);
    node = childOf(node, key);
  }
  return pointerOf(segments);
}
