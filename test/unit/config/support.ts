import { fileURLToPath } from 'node:url';
import { type LoadedMesh, type LoadOptions, loadMesh } from '../../../src/config/index.js';
import { InvalidInputError } from '../../../src/errors/index.js';
import type { Diagnostic } from '../../../src/model/diagnostic.js';
import type { KubeObject } from '../../../src/model/kube.js';
import type { ResolvedWorkload } from '../../../src/model/resolved-mesh.js';

const fixtures = fileURLToPath(new URL('../../fixtures/config/', import.meta.url));

/** Goes to a folder of test/fixtures/config, so that findings show the short names that tests expect. */
export function enterFixtures(folder: string): void {
  process.chdir(`${fixtures}${folder}`);
}

/** The findings of a load, failed or not, and what was loaded. */
export async function load(
  file: string,
  options: LoadOptions = {},
): Promise<{ found: Diagnostic[]; loaded?: LoadedMesh }> {
  try {
    const loaded = await loadMesh(file, options);
    return { found: loaded.diagnostics, loaded };
  } catch (error) {
    if (error instanceof InvalidInputError) return { found: error.diagnostics };
    throw error;
  }
}

/** A finding in one line, `FILE:LINE:COLUMN CODE`; warnings begin with the word. */
export function brief({ severity, file, line, column, code }: Diagnostic): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return `${severity === 'warning' ? 'warning ' : ''}${place} ${code}`;
}

/** The objects of a workload in a cluster; without a name in its first one. */
export function objectsOf(workload: ResolvedWorkload | undefined, cluster?: string): KubeObject[] {
  const placed = workload?.objects.get(cluster ?? workload.clusters[0] ?? '');
  return placed?.map(({ object }) => object) ?? [];
}
