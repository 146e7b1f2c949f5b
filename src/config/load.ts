import { dirname, resolve } from 'node:path';
import { InvalidInputError } from '../errors/index.js';
import { isDisprovable, judge } from '../lint/judge.js';
import type { Diagnostic, SourceRange } from '../model/diagnostic.js';
import type { Kustomize } from '../model/kustomize.js';
import type { WaivedFinding } from '../model/lint.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import { Findings } from './findings.js';
import { applyOverlays } from './overlay/apply.js';
import {
  checkChoice,
  environmentNames,
  environmentOverlays,
  refuseChangedEnvironments,
} from './overlay/environments.js';
import { resolveEnvironment } from './resolve/environment.js';
import { resolveMesh } from './resolve/mesh.js';
import { MeshSource } from './resolve/mesh-source.js';
import { validateMesh } from './schema/validate.js';
import { readDocument } from './yaml/read-document.js';
import { nodeAt, parsePointer, type SourceNode, textAt } from './yaml/source-node.js';

export interface LoadOptions {
  /** What the file is to say, in the place of what it says. */
  text?: string;
  /** Overlay files, laid over mesh.yaml in this order; relative to the working folder. */
  overlays?: string[];
  /** One of `spec.environments`, whose overlays come first. A file without environments takes any name. */
  environment?: string;
  /** Takes warnings for errors. */
  strict?: boolean;
  /** What time it is, for waivers and fences; left out: now. */
  now?: Date;
  /** Whether clusters are asked next: what they may prove wrong is then judged after that. */
  clustersFollow?: boolean;
  /** Builds kustomizations among the manifests; without it they are refused. */
  kustomize?: Kustomize;
}

export interface LoadedMesh {
  mesh: ResolvedMesh;
  /** The mesh file as the user named it. */
  file: string;
  /** Absolute path of its folder, to which paths in it are relative. */
  folder: string;
  /** What the file says with its overlays, and where each part was written. */
  tree: SourceNode;
  /** Warnings; with `clustersFollow` also errors that the clusters may prove wrong. */
  diagnostics: Diagnostic[];
  /** What `spec.lint.waivers` keeps back. */
  waived: WaivedFinding[];
  /** All that was found, whatever `spec.lint` makes of it. */
  found: Diagnostic[];
  /** Where the value at a JSON pointer into the mesh file was written: there or in an overlay. */
  locate(pointer: string): SourceRange | undefined;
}

/**
 * Reads a mesh file with its overlays and manifests, checks all of it and works out what compile needs.
 * Throws InvalidInputError with all findings where one is an error or, with `strict`, where any is.
 */
export async function loadMesh(file: string, options: LoadOptions = {}): Promise<LoadedMesh> {
  const findings = new Findings();
  const { strict = false, clustersFollow = false, now = new Date(), kustomize } = options;
  const folder = resolve(dirname(file));
  const base = await readMeshFile(file, findings, options.text);
  const files = base && (await overlayFiles(base, file, options, findings));
  const tree = base && files && (await applyOverlays(base, files, findings));
  if (base && tree) refuseChangedEnvironments(base, tree, findings);
  const valid = tree && validateMesh(tree, findings);
  if (!base || !files || tree === undefined || valid === undefined)
    throw new InvalidInputError(findings.sorted());
  const source = new MeshSource(valid, tree, folder, dirname(file), findings);
  const meshOf = (environment: string) => meshIdOf(base, environment, file);
  const environment = await resolveEnvironment(source, options.environment, meshOf);
  const mesh = {
    ...(await resolveMesh(source, files, now, kustomize)),
    ...(environment === undefined ? {} : { environment }),
  };
  const found = findings.sorted();
  const court = { policy: mesh.lint, now, isLive: false, isStrict: false };
  const { diagnostics, waived } = judge(found, court);
  const isFinal = (item: Diagnostic) => !clustersFollow || !isDisprovable(item);
  const isFatal = ({ severity }: Diagnostic) => strict || severity === 'error';
  if (diagnostics.some((item) => isFatal(item) && isFinal(item)))
    throw new InvalidInputError(diagnostics, waived);
  const locate = (pointer: string) => nodeAt(tree, parsePointer(pointer))?.at;
  return { mesh, file, folder, tree, diagnostics, waived, found, locate };
}

function readMeshFile(file: string, findings: Findings, text?: string): Promise<SourceNode | undefined> {
  const missing = {
    code: 'file-missing',
    message: `there is no mesh file ${file}`,
    hint: 'name it with --file; examples/ in the package has some to start from',
  };
  return readDocument(file, missing, findings, text);
}

/** All overlays in force, in their order; undefined where the environment is none of the file's. */
async function overlayFiles(
  base: SourceNode,
  file: string,
  { overlays = [], environment }: LoadOptions,
  findings: Findings,
): Promise<string[] | undefined> {
  if (!checkChoice(base, environment, findings)) return undefined;
  const own =
    environment === undefined ? [] : await environmentOverlays(base, environment, folderOf(file), findings);
  return [...own, ...overlays];
}

const folderOf = (file: string) => ({ path: resolve(dirname(file)), shown: dirname(file) });

/** The mesh ID as it is in another environment; what else is wrong there is told when that is loaded. */
async function meshIdOf(base: SourceNode, environment: string, file: string): Promise<string | undefined> {
  const ignored = new Findings();
  const overlays = await environmentOverlays(base, environment, folderOf(file), ignored);
  return textAt(await applyOverlays(base, overlays, ignored), ['metadata', 'name']);
}

/** The names of the environments that a mesh file declares; none where it cannot be read. */
export async function readEnvironments(file: string): Promise<string[]> {
  const base = await readMeshFile(file, new Findings());
  return base ? environmentNames(base) : [];
}
