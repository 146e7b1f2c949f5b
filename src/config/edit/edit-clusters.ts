import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { InvalidInputError } from '../../errors/index.js';
import type { SourceRange } from '../../model/diagnostic.js';
import type { ClusterEdit } from '../../model/promotion.js';
import { Findings, type Place } from '../findings.js';
import { parseYaml } from '../yaml/parse.js';
import { nodeAt, type SourceNode, textAt, toPlain } from '../yaml/source-node.js';
import { type FieldValue, insertAfter, removePair, replaceValue, type WrittenPair } from './map-edit.js';
import { Lines, type Splice, splice } from './splices.js';

/** A mesh file as it is written, and what overlays make of it. */
export interface WrittenMesh {
  file: string;
  text: string;
  /** With overlays. */
  tree: SourceNode;
}

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * The text of a mesh file with fields of some clusters changed. Comments, order, quotes and layout stay; only lines
 * change that have to.
 * @throws InvalidInputError `edit-refused` for each field that is not written plainly in the file itself: it comes
 * from an overlay, by an alias or a merge key, or others lean on it.
 */
export function editClusters(written: WrittenMesh, edits: readonly ClusterEdit[]): string {
  const mark = written.text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK : '';
  const mesh = { ...written, text: written.text.slice(mark.length) };
  const findings = new Findings();
  const editor = new Editor(mesh, edits, findings);
  const splices = edits.flatMap((edit) => editor.edit(edit));
  const text = splice(mesh.text, splices);
  if (findings.count === 0 && !saysWhatIsMeant(mesh, text, edits))
    editor.refuse({ file: mesh.file }, 'it is written in a way that cannot be changed in part');
  if (findings.count > 0) throw new InvalidInputError(findings.sorted());
  return mark + text;
}

/** Whether a cluster says a field itself, in the file or in an overlay. */
export const namesField = (tree: SourceNode, cluster: string, field: string): boolean => {
  const entry = entryOf(tree, cluster);
  return entry !== undefined && nodeAt(entry, [field]) !== undefined;
};

/** What is declared of a cluster. */
function entryOf(tree: SourceNode, cluster: string): SourceNode | undefined {
  const list = nodeAt(tree, ['spec', 'clusters']);
  return list?.kind === 'list' ? list.items.find((item) => textAt(item, ['name']) === cluster) : undefined;
}

class Editor {
  readonly #lines: Lines;
  readonly #counter = new LineCounter();
  readonly #document: Document;
  /** Names of anchors that something leans on. */
  readonly #leaned = new Set<string>();

  constructor(
    private readonly mesh: WrittenMesh,
    private readonly edits: readonly ClusterEdit[],
    private readonly findings: Findings,
  ) {
    this.#lines = new Lines(mesh.text);
    this.#document = parseDocument(mesh.text, { version: '1.2', merge: true, lineCounter: this.#counter });
    visit(this.#document, { Alias: (_, { source }) => void this.#leaned.add(source) });
  }

  edit(edit: ClusterEdit): Splice[] {
    const map = this.#entryOf(edit);
    if (map === undefined) return [];
    const { role, primary, fenced } = edit.fields;
    const found = {
      role: this.#pairOf(edit, map, 'role'),
      primary: this.#pairOf(edit, map, 'primary'),
      fenced: this.#pairOf(edit, map, 'fenced'),
    };
    // A role that is not written here was refused.
    if (found.role === undefined) return [];
    const added: [string, FieldValue][] = [];
    if (typeof primary === 'string' && !found.primary) added.push(['primary', primary]);
    if (fenced && !found.fenced) added.push(['fenced', fenced]);
    const behind = found.primary && primary !== null ? found.primary : found.role;
    return [
      ...(role === undefined ? [] : [replaceValue(found.role, role)]),
      ...(found.primary && typeof primary === 'string' ? [replaceValue(found.primary, primary)] : []),
      ...(found.primary && primary === null ? removePair(this.#lines, map, found.primary) : []),
      ...insertAfter(this.#lines, map, behind, added),
    ];
  }

  refuse(place: Place, why: string): void {
    this.findings.error('edit-refused', place, `${this.mesh.file} is not edited: ${why}`, byHand(this.edits));
  }

  /** The map of a cluster as it is written in the file; undefined after a refusal. */
  #entryOf(edit: ClusterEdit): YAMLMap | undefined {
    const entry = entryOf(this.mesh.tree, edit.cluster);
    if (entry && entry.at.file !== this.mesh.file) {
      this.refuse(entry.at, `cluster ${edit.cluster} is declared in an overlay`);
      return undefined;
    }
    let node: unknown = this.#document.contents;
    for (const key of ['spec', 'clusters']) {
      const pair = isMap(node)
        ? node.items.find((item) => isScalar(item.key) && item.key.value === key)
        : undefined;
      node = pair?.value;
      if (this.#isElsewhere(edit, node, entry?.at)) return undefined;
    }
    const items = isSeq(node) ? node.items : [];
    const item = items.find((one) => isMap(one) && one.get('name') === edit.cluster);
    if (this.#isElsewhere(edit, item, entry?.at) || !isMap(item)) return undefined;
    return item;
  }

  /** Whether a value is not written in its place, or stands for others too; reported then. */
  #isElsewhere(edit: ClusterEdit, node: unknown, fallback: SourceRange | undefined): boolean {
    const { cluster } = edit;
    const place = this.#placeOf(node) ?? fallback ?? { file: this.mesh.file };
    if (isAlias(node) || node === undefined || node === null) {
      this.refuse(place, `cluster ${cluster} comes by an alias or a merge key`);
      return true;
    }
    const { anchor } = node as { anchor?: string };
    if (anchor === undefined || !this.#leaned.has(anchor)) return false;
    this.refuse(place, `what it says of cluster ${cluster} is used elsewhere too (\`*${anchor}\`)`);
    return true;
  }

  /** A field as it is written; undefined where the cluster has none, or after a refusal. */
  #pairOf(edit: ClusterEdit, map: YAMLMap, name: keyof ClusterEdit['fields']): WrittenPair | undefined {
    // The role is where the others are put.
    if (edit.fields[name] === undefined && name !== 'role') return undefined;
    const entry = entryOf(this.mesh.tree, edit.cluster);
    const node = entry && nodeAt(entry, [name]);
    const pair = map.items.find((item) => isScalar(item.key) && item.key.value === name);
    const refuse = (place: Place | undefined, why: string) => {
      const what = `\`${name}\` of cluster ${edit.cluster}`;
      this.refuse(place ?? { file: this.mesh.file }, `${what} ${why}`);
      return undefined;
    };
    if (node && node.at.file !== this.mesh.file)
      return refuse(node.keyAt ?? node.at, 'comes from an overlay');
    if (pair === undefined) return node && refuse(node.keyAt ?? node.at, 'comes by a merge key');
    const { value } = pair;
    if (isAlias(value)) return refuse(this.#placeOf(value), 'comes by an alias');
    if (!isScalar(value)) return refuse(this.#placeOf(pair.key), 'is no plain text');
    if (value.anchor !== undefined && this.#leaned.has(value.anchor))
      return refuse(this.#placeOf(value), `is used elsewhere too (\`*${value.anchor}\`)`);
    return pair as WrittenPair;
  }

  #placeOf(node: unknown): SourceRange | undefined {
    const range = (node as Node | null | undefined)?.range;
    if (!range) return undefined;
    const { line, col } = this.#counter.linePos(range[0]);
    return { file: this.mesh.file, line, column: col };
  }
}

/** What the user has to write himself. */
function byHand(edits: readonly ClusterEdit[]): string {
  const entries = edits.map(({ cluster, fields }) => {
    const parts = Object.entries(fields).map(([name, value]) => {
      if (value === null) return `no \`${name}\``;
      return `\`${name}: ${typeof value === 'string' ? value : `{ since: "${value.since}" }`}\``;
    });
    return `${cluster} has ${parts.join(', ')}`;
  });
  return `edit it by hand, so that ${entries.join('; and ')}`;
}

/** Whether an edited text says what it said, but for what was to change. */
function saysWhatIsMeant({ text: before, file }: WrittenMesh, after: string, edits: readonly ClusterEdit[]) {
  const [was, is] = [before, after].map((text) => {
    const findings = new Findings();
    const [tree] = parseYaml(text, file, 'meshplan', findings);
    return findings.count === 0 && tree ? (toPlain(tree) as unknown as Plain) : undefined;
  });
  if (was === undefined || is === undefined) return false;
  for (const { cluster, fields } of edits) {
    const entry = was.spec?.clusters?.find(({ name }) => name === cluster);
    if (entry === undefined) return false;
    Object.assign(entry, fields);
    for (const [name, value] of Object.entries(fields)) if (value === null) delete entry[name];
  }
  return isDeepStrictEqual(was, is);
}

interface Plain {
  spec?: { clusters?: Record<string, unknown>[] };
}
