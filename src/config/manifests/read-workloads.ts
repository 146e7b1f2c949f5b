import type { Workload } from '../../model/mesh.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import { findManifests } from './find-files.js';
import { type ManifestObject, readObjects } from './read-objects.js';

/** One entry of `workloads` with the objects of all its files. */
export interface ReadWorkload {
  workload: Workload;
  index: number;
  objects: ManifestObject[];
  /** Whether all of it could be read. */
  isWhole: boolean;
}

/** Reads the manifests of all workloads; a file that several name is read, and reported on, once. */
export async function readWorkloads(source: MeshSource): Promise<ReadWorkload[]> {
  const { findings } = source;
  const folder = { path: source.folder, shown: source.shownFolder };
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
        objects: await readObjects(file, findings),
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
