import { realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { SourceRange } from '../../model/diagnostic.js';
import type { Findings } from '../findings.js';
import { parseYaml } from '../yaml/parse.js';
import { readText } from '../yaml/read-file.js';
import { childOf, nodeAt, type SourceNode } from '../yaml/source-node.js';
import { isOutside, type ManifestFile, type ManifestFolder } from './find-files.js';
import { kustomizationIn } from './kustomization-file.js';

/** Fields that list files and folders; those of plugins and patches may have what a file would hold in its place. */
const PATH_LISTS = [
  'resources',
  'bases',
  'components',
  'crds',
  'configurations',
  'generators',
  'transformers',
  'validators',
  'patchesStrategicMerge',
];

/** Fields that list maps, and the key of a path in each. */
const PATH_KEYS: [list: string, key: string][] = [
  ['patches', 'path'],
  ['patchesJson6902', 'path'],
  ['replacements', 'path'],
  ...['configMapGenerator', 'secretGenerator'].flatMap((list): [string, string][] =>
    ['files', 'envs', 'env'].map((key) => [list, key]),
  ),
];

/** Fields by which kustomize would run Helm. */
const CHARTS = ['helmCharts', 'helmChartInflationGenerator', 'helmGlobals'];

/**
 * Checks a kustomization, and those that it builds on, before any of it is built: reports what leads out of the
 * folder of mesh.yaml (`manifest-outside`), also by a link or into the network, what is not there
 * (`manifest-missing`), and charts (`kustomize-plugin`). Gives the outermost one with its places; undefined where
 * nothing may be built.
 */
export async function checkKustomization(
  file: ManifestFile,
  folder: ManifestFolder,
  findings: Findings,
): Promise<SourceNode | undefined> {
  const before = findings.count;
  const check = new Check(folder, findings);
  const tree = await check.file(file.path);
  return findings.count === before ? tree : undefined;
}

class Check {
  readonly #seen = new Set<string>();

  constructor(
    private readonly folder: ManifestFolder,
    private readonly findings: Findings,
  ) {}

  async file(path: string): Promise<SourceNode | undefined> {
    this.#seen.add(path);
    const { shown, path: root } = this.folder;
    const name = join(shown, relative(root, path));
    const gone = { code: 'manifest-missing', message: `there is no file ${name}`, hint: 'mind the path' };
    const text = await readText(path, name, gone, this.findings);
    if (text === undefined) return undefined;
    const [tree] = parseYaml(text, name, 'kubernetes', this.findings);
    if (tree === undefined) return undefined;
    this.#charts(tree);
    for (const node of pathsIn(tree)) await this.#path(node, dirname(path));
    return tree;
  }

  #charts(tree: SourceNode): void {
    for (const field of CHARTS) {
      const node = childOf(tree, field);
      if (node === undefined) continue;
      const message = `\`${field}\` needs Helm, and no program is run for a kustomization`;
      const hint = 'render the chart into a file beside it, and name that in `resources`';
      this.findings.error('kustomize-plugin', node.keyAt ?? node.at, message, hint);
    }
  }

  /** One path of the kustomization in `home`, a folder without links. */
  async #path({ path, at }: WrittenPath, home: string): Promise<void> {
    const { findings, folder } = this;
    if (isRemote(path)) {
      const message = `\`${path}\` is in the network, from which nothing is taken`;
      findings.error('manifest-outside', at, message, 'copy what it holds into the folder of mesh.yaml');
      return;
    }
    const target = join(home, path);
    const real = await realpath(target).catch(() => undefined);
    const leadsOut = isAbsolute(path) || isOutside(relative(folder.path, target));
    if (leadsOut || (real !== undefined && isOutside(relative(folder.path, real)))) {
      const message = `\`${path}\` is outside the folder of mesh.yaml`;
      findings.error('manifest-outside', at, message, 'copy it into the folder of mesh.yaml, or below it');
    } else if (real === undefined) {
      const message = `there is no \`${path}\` beside the kustomization`;
      findings.error(
        'manifest-missing',
        at,
        message,
        'paths are relative to the kustomization that names them',
      );
    } else if ((await stat(real)).isDirectory()) {
      const nested = await kustomizationIn(real);
      if (nested !== undefined && !this.#seen.has(nested)) await this.file(nested);
    }
  }
}

interface WrittenPath {
  path: string;
  at: SourceRange;
}

function pathsIn(tree: SourceNode): WrittenPath[] {
  return [
    ...PATH_LISTS.flatMap((field) => textsIn(childOf(tree, field))).filter(({ path }) => !isInline(path)),
    ...PATH_KEYS.flatMap(([list, key]) => {
      const items = childOf(tree, list);
      const values = items?.kind === 'list' ? items.items.map((item) => childOf(item, key)) : [];
      return values
        .flatMap(textsIn)
        .map(({ path, at }) => ({ path: key === 'files' ? fileOf(path) : path, at }));
    }),
    ...textsIn(nodeAt(tree, ['openapi', 'path'])),
  ];
}

function textsIn(node: SourceNode | undefined): WrittenPath[] {
  if (node?.kind === 'list') return node.items.flatMap(textsIn);
  return node?.kind === 'scalar' && typeof node.value === 'string' ? [{ path: node.value, at: node.at }] : [];
}

/** `KEY=PATH` in the files of a generator. */
const fileOf = (text: string) => text.slice(text.indexOf('=') + 1);

/** The text of an object in the place of a path. */
const isInline = (text: string) => text.includes('\n') || /^\s*\{|^[\w./-]+:\s/.test(text);

/**
 * What kustomize fetches (`api/internal/git/repospec.go`, `fileloader.go`): URLs, and the short forms for
 * repositories. Should it know more of them than this, nothing answers: see src/kustomize/run.ts.
 */
const isRemote = (path: string) => /:\/\/|^git::|^[\w.-]+@[\w.-]+[:/]|^gh:|^github\.com[/:]/i.test(path);
