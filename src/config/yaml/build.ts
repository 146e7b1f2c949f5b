import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import type { SourceRange } from '../../model/diagnostic.js';
import type { Findings } from '../findings.js';
import type { MapNode, SourceNode } from './source-node.js';

/** More values than this out of aliases is no mesh file but a way to fill the memory. */
const maxAliasedValues = 10_000;

/** Thrown when a document cannot be turned into a tree; the finding is already reported. */
export class UnusableDocument extends Error {}

/** Turns one YAML document into a tree of plain values with positions; aliases and merge keys are expanded. */
export class TreeBuilder {
  #aliasedValues = 0;
  readonly #open: Node[] = [];

  constructor(
    private readonly doc: Document,
    private readonly lines: LineCounter,
    private readonly file: string,
    private readonly findings: Findings,
  ) {}

  /** The tree of `node`; `fallback` is the place of a value that is not written out. Throws UnusableDocument. */
  build(node: unknown, fallback: SourceRange): SourceNode {
    if (isAlias(node)) return this.#alias(node);
    if (this.#open.length > 0 && ++this.#aliasedValues > maxAliasedValues) {
      this.#refuse('yaml-alias', fallback, `aliases expand to more than ${maxAliasedValues} values`);
    }
    const at = this.#at(node, fallback);
    if (isMap(node)) return this.#map(node, at);
    if (isSeq(node)) return { kind: 'list', at, items: node.items.map((item) => this.build(item, at)) };
    if (isScalar(node)) return { kind: 'scalar', at, value: plainScalar(node.value) };
    return { kind: 'scalar', at, value: null };
  }

  #map(map: YAMLMap, at: SourceRange): MapNode {
    const entries: Record<string, SourceNode> = {};
    const merged: Record<string, SourceNode> = {};
    for (const pair of map.items) {
      const keyAt = this.#at(pair.key, at);
      if (isMergeKey(pair)) this.#merge(this.build(pair.value, keyAt), merged);
      else entries[this.#key(pair.key, keyAt)] = { ...this.build(pair.value, keyAt), keyAt };
    }
    return { kind: 'map', at, entries: { ...merged, ...entries } };
  }

  /** Lays the maps of a merge key (`<<`) under what is there already: the first one wins. */
  #merge(source: SourceNode, into: Record<string, SourceNode>): void {
    for (const map of source.kind === 'list' ? source.items : [source]) {
      if (map.kind !== 'map') this.#refuse('yaml-key', map.at, 'the merge key `<<` needs a map');
      else for (const [key, value] of Object.entries(map.entries)) into[key] ??= value;
    }
  }

  #alias(alias: Alias): SourceNode {
    const at = this.#at(alias, { file: this.file, line: 1, column: 1 });
    const target = alias.resolve(this.doc);
    if (target === undefined)
      this.#refuse('yaml-alias', at, `no anchor \`&${alias.source}\` stands before this`);
    if (this.#open.includes(target)) this.#refuse('yaml-alias', at, `\`*${alias.source}\` contains itself`);
    this.#open.push(target);
    const node = this.build(target, at);
    this.#open.pop();
    return node;
  }

  #key(key: unknown, at: SourceRange): string {
    const value = isScalar(key) ? key.value : undefined;
    if (value === null || (typeof value === 'object' && value !== null) || value === undefined) {
      this.#refuse('yaml-key', at, 'a key has to be a text');
    }
    // A key of this name would replace an object's prototype in places where nobody expects it.
    if (value === '__proto__') this.#refuse('yaml-key', at, 'the key `__proto__` is not allowed');
    return String(value);
  }

  #at(node: unknown, fallback: SourceRange): SourceRange {
    const range = (node as Node | null | undefined)?.range;
    if (!range) return fallback;
    const { line, col } = this.lines.linePos(range[0]);
    return { file: this.file, line, column: col };
  }

  #refuse(code: string, at: SourceRange, message: string): never {
    this.findings.error(code, at, message, 'write the value out as plain YAML');
    throw new UnusableDocument(message);
  }
}

function isMergeKey(pair: Pair): boolean {
  const value = isScalar(pair.key) ? pair.key.value : undefined;
  return typeof value === 'symbol' && value.description === '<<';
}

function plainScalar(value: unknown): null | boolean | number | string {
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value;
  return value === null || value === undefined ? null : String(value);
}
