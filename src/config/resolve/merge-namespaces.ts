import { isDeepStrictEqual } from 'node:util';
import type { SourceRange } from '../../model/diagnostic.js';
import type { Injection, ResolvedNamespace } from '../../model/resolved-mesh.js';
import type { Findings } from '../findings.js';

/** One statement about a namespace: an entry of mesh.yaml or a Namespace of a manifest. */
export interface NamespaceDeclaration {
  name: string;
  clusters: string[];
  /** Whether it holds wherever the namespace is, and not only in `clusters`. */
  everywhere: boolean;
  /** Undefined where the statement leaves it open. */
  injection: Injection | undefined;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  preventDelete: boolean;
  place: SourceRange;
  /** The place of a label, an annotation or of what decides the injection. */
  placeOf: (kind: Kind, key: string) => SourceRange;
}

type Kind = 'labels' | 'annotations' | 'injection';

const nouns = { labels: 'the label', annotations: 'the annotation', injection: 'the' };

interface Statement {
  value: string;
  place: SourceRange;
}

/**
 * Lays statements about namespaces together, in order. Where two disagree (`conflicting-declaration`) the first
 * holds. `injection` is what `impliedInjection` says where no statement decides it. A namespace that is not the
 * same in all its clusters comes several times.
 */
export function mergeNamespaces(
  declarations: NamespaceDeclaration[],
  impliedInjection: (name: string) => boolean,
  findings: Findings,
): ResolvedNamespace[] {
  const names = [...new Set(declarations.map(({ name }) => name))];
  return names.flatMap((name) => {
    const own = declarations.filter((declaration) => declaration.name === name);
    const clusters = [...new Set(own.flatMap((declaration) => declaration.clusters))];
    const merged: ResolvedNamespace[] = [];
    for (const cluster of clusters.length > 0 ? clusters : [undefined]) {
      const here = own.filter(
        ({ everywhere, clusters: some }) => everywhere || cluster === undefined || some.includes(cluster),
      );
      const rest = merge(name, here, impliedInjection(name), findings);
      const equal = merged.find(({ clusters: _clusters, ...other }) => isDeepStrictEqual(other, rest));
      if (equal && cluster !== undefined) equal.clusters.push(cluster);
      else merged.push({ ...rest, clusters: cluster === undefined ? [] : [cluster] });
    }
    return merged;
  });
}

function merge(
  name: string,
  own: NamespaceDeclaration[],
  implied: boolean,
  findings: Findings,
): Omit<ResolvedNamespace, 'clusters'> {
  agreed(own, 'injection', injectionOf, findings);
  const decided = own.find(({ injection }) => injection !== undefined)?.injection;
  return {
    name,
    injection: decided ?? implied,
    labels: agreed(own, 'labels', ({ labels }) => labels, findings),
    annotations: agreed(own, 'annotations', ({ annotations }) => annotations, findings),
    preventDelete: own.some(({ preventDelete }) => preventDelete),
    source: own[0]?.place ?? { file: '', line: 1, column: 1 },
  };
}

function injectionOf({ injection }: NamespaceDeclaration): Record<string, string> {
  if (injection === undefined) return {};
  const text = typeof injection === 'boolean' ? String(injection) : `revision: ${injection.revision}`;
  return { injection: text };
}

function agreed(
  declarations: NamespaceDeclaration[],
  kind: Kind,
  valuesOf: (declaration: NamespaceDeclaration) => Record<string, string>,
  findings: Findings,
): Record<string, string> {
  const said = new Map<string, Statement>();
  for (const declaration of declarations) {
    for (const [key, value] of Object.entries(valuesOf(declaration))) {
      const place = declaration.placeOf(kind, key);
      const before = said.get(key) ?? { value, place };
      said.set(key, before);
      if (before.value === value) continue;
      const where = `${before.place.file}:${before.place.line}`;
      const what = `${nouns[kind]} \`${key}\` of namespace \`${declaration.name}\``;
      const message = `${what} is \`${value}\` here and \`${before.value}\` in ${where}`;
      findings.error('conflicting-declaration', place, message, 'make the two agree');
    }
  }
  return Object.fromEntries([...said].map(([key, { value }]) => [key, value]));
}
