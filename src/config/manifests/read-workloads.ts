import type { Workload } from '../../model/mesh.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import { findManifests } from './find-files.js';
import { type ManifestObject, readObjects } from './read-objects.js';

/** One entry of `workloads` with the objects of all its files. */
export interface ReadWorkload {
  workload: Workload;
  index: number;
  objects: ManifestObject[];
}

/** Reads the manifests of all workloads; a file that several name is read, and reported on, once. */
export async function readWorkloads(source: MeshSource): Promise<ReadWorkload[]> {
  const folder = { path: source.folder, shown: source.shownFolder };
  const read = new Map<string, ManifestObject[]>();
  const result: ReadWorkload[] = [];
  for (const [index, workload] of (source.spec.workloads ?? []).entries()) {
    const place = source.at('workloads', index, 'manifests');
    const objects: ManifestObject[] = [];
    for (const file of await findManifests(folder, workload.manifests, place, source.findings)) {
      const known = read.get(file.path) ?? (await readObjects(file, source.findings));
      read.set(file.path, known);
      objects.push(...known);
    }
    result.push({ workload, index, objects });
  }
  return result;
}
