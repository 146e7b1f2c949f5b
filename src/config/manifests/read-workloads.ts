import { realpath } from 'node:fs/promises';
import { MeshplanError } from '../../errors/index.js';
import type { Kustomize } from '../../model/kustomize.js';
import type { Workload } from '../../model/mesh.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import { buildKustomization } from './build-kustomization.js';
import { findManifests, type ManifestFile } from './find-files.js';
import { type ManifestObject, readObjects } from './read-objects.js';

/** One entry of `workloads` with the objects of all its files. */
export interface ReadWorkload {
  workload: Workload;
  index: number;
  objects: ManifestObject[];
  /** Whether all of it could be read. */
  isWhole: boolean;
}

const NO_KUSTOMIZE: Kustomize = {
  build: async () => {
    throw new MeshplanError('kustomize-missing', 'nothing is at hand that builds kustomizations', {
      hint: 'pass `kustomize` to `loadMesh`, made by `kustomizeBy`',
    });
  },
};

/** Reads the manifests of all workloads; a file that several name is read, and reported on, once. */
export async function readWorkloads(
  source: MeshSource,
  kustomize: Kustomize = NO_KUSTOMIZE,
): Promise<ReadWorkload[]> {
  const { findings } = source;
  const folder = { path: await realpath(source.folder), shown: source.shownFolder };
  const readFile = (file: ManifestFile) =>
    file.isKustomization
      ? buildKustomization(file, folder, kustomize, findings)
      : readObjects(file, findings);
  const read = new Map<string, { objects: ManifestObject[]; isWhole: boolean }>();
  const result: ReadWorkload[] = [];
  for (const [index, workload] of (source.spec.workloads ?? []).entries()) {
    const place = source.at('workloads', index, 'manifests');
    const before = findings.count;
    const files = await findManifests(folder, workload.manifests, place, findings);
    const contents = [{ objects: [] as ManifestObject[], isWhole: findings.count === before }];
    for (const file of files) {
      const count = findings.count;
      const known = read.get(file.path) ?? {
        objects: await readFile(file),
        isWhole: findings.count === count,
      };
      read.set(file.path, known);
      contents.push(known);
    }
    const objects = contents.flatMap((content) => content.objects);
    result.push({ workload, index, objects, isWhole: contents.every(({ isWhole }) => isWhole) });
  }
  return result;
}
