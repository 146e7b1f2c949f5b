import { dirname, join, relative, resolve } from 'node:path';
import { MeshplanError } from '../../errors/index.js';
import type { SourceRange } from '../../model/diagnostic.js';
import type { KubeObject } from '../../model/kube.js';
import type { Kustomize } from '../../model/kustomize.js';
import { Findings, type Place } from '../findings.js';
import { parseYaml } from '../yaml/parse.js';
import { readText } from '../yaml/read-file.js';
import { childOf, fromPlain, type SourceNode, textAt, toPlain } from '../yaml/source-node.js';
import { checkKustomization } from './check-kustomization.js';
import { isOutside, type ManifestFile, type ManifestFolder } from './find-files.js';
import { listItems, type ManifestObject, manifestObject } from './read-objects.js';

const ORIGIN = 'config.kubernetes.io/origin';
/** What kustomize notes of its own work on request; it is for readers of the build, not for clusters. */
const NOTES = [ORIGIN, 'alpha.config.kubernetes.io/transformations'];

/** Fields that mean something in the outermost kustomization alone: with one of them no other is put around it. */
const OUTERMOST = ['buildMetadata', 'openapi'];

/** The objects that a kustomization makes, each at the place of the file that it is from, as far as that is known. */
export async function buildKustomization(
  file: ManifestFile,
  folder: ManifestFolder,
  kustomize: Kustomize,
  findings: Findings,
): Promise<ManifestObject[]> {
  const tree = await checkKustomization(file, folder, findings);
  if (tree === undefined) return [];
  const origins = !OUTERMOST.some((field) => childOf(tree, field) !== undefined);
  try {
    const { yaml, origin } = await kustomize.build(dirname(file.path), { origins });
    const places = new Places(file, folder, origin);
    const built = parseYaml(yaml, file.shown, 'kubernetes', findings).flatMap(listItems);
    const placed = await Promise.all(
      built.map(async (item) => fromPlain(withoutNotes(toPlain(item)), await places.of(item))),
    );
    return placed.flatMap((item) => manifestObject(item, findings) ?? []);
  } catch (error) {
    if (!(error instanceof MeshplanError)) throw error;
    findings.error(error.code, placeOfFault(error.message, tree, file), error.message, error.hint ?? '');
    return [];
  }
}

/** kustomize names the fields that it does not know, but not their lines. */
function placeOfFault(message: string, tree: SourceNode, { shown }: ManifestFile): Place {
  const field = /unknown field "([^"]+)"/.exec(message)?.[1];
  return (field && childOf(tree, field)?.keyAt) || { file: shown };
}

function withoutNotes(value: unknown): unknown {
  const object = value as Partial<KubeObject>;
  const { annotations, ...metadata } = object.metadata ?? { name: '' };
  if (annotations === undefined) return value;
  const kept = Object.entries(annotations).filter(([key]) => !NOTES.includes(key));
  return {
    ...object,
    metadata: { ...metadata, ...(kept.length > 0 ? { annotations: Object.fromEntries(kept) } : {}) },
  };
}

/** Finds where built objects were written. */
class Places {
  readonly #files = new Map<string, Promise<SourceNode[]>>();

  constructor(
    private readonly file: ManifestFile,
    private readonly folder: ManifestFolder,
    /** The folder to which origins are relative. */
    private readonly origin: string,
  ) {}

  async of(built: SourceNode): Promise<SourceRange> {
    const note = textAt(built, ['metadata', 'annotations', ORIGIN]);
    const [origin] = note === undefined ? [] : parseYaml(note, '', 'kubernetes', new Findings());
    const name = origin && (textAt(origin, ['path']) ?? textAt(origin, ['configuredIn']));
    const path = name === undefined ? this.file.path : resolve(this.origin, name);
    const inside = relative(this.folder.path, path);
    if (isOutside(inside)) return { file: this.file.shown, line: 1, column: 1 };
    const shown = join(this.folder.shown, inside);
    const known = this.#files.get(path) ?? readTrees(path, shown);
    this.#files.set(path, known);
    return placeAmong(await known, built) ?? { file: shown, line: 1, column: 1 };
  }
}

async function readTrees(path: string, shown: string): Promise<SourceNode[]> {
  // What is wrong with it kustomize has told.
  const ignored = new Findings();
  const gone = { code: 'manifest-missing', message: '', hint: '' };
  const text = await readText(path, shown, gone, ignored);
  return text === undefined ? [] : parseYaml(text, shown, 'kubernetes', ignored).flatMap(listItems);
}

/** The object of the same kind whose name is in the built one's, which may have got a prefix and a suffix. */
function placeAmong(trees: SourceNode[], built: SourceNode): SourceRange | undefined {
  const kind = textAt(built, ['kind']);
  const name = textAt(built, ['metadata', 'name']) ?? '';
  const named = trees
    .filter((tree) => textAt(tree, ['kind']) === kind)
    .map((tree) => ({ at: tree.at, own: textAt(tree, ['metadata', 'name']) ?? '' }))
    .filter(({ own }) => own !== '' && name.includes(own));
  return named.sort((one, other) => other.own.length - one.own.length)[0]?.at;
}
