import { join, resolve } from 'node:path';
import { ensureFamilies } from './ensure.js';
import { isExecutable } from './executables.js';
import { LEVEL_1 } from './families.js';
import { familyDir, readSettings } from './settings.js';
import type { BinaryEvent, BinaryName } from './types.js';

export { describeEvent } from './describe.js';
export type { BinaryEvent, BinaryName, ProgressEvent, Step, StepEvent, WaitingEvent } from './types.js';

/**
 * Gets every binary of a level-1 lab: from the folder `from` (else `MESHPLAN_LAB_BIN`), meshplan's cache,
 * PATH, an official download, or a build from Go modules. Returns absolute paths; with a full cache
 * it costs a few stat calls. Throws MeshplanError as `ensureFamilies` says.
 */
export async function ensureBinaries(options: {
  from?: string;
  onEvent?: (event: BinaryEvent) => void;
  signal?: AbortSignal;
}): Promise<Record<BinaryName, string>> {
  const settings = readSettings(options);
  const from = options.from || settings.env.MESHPLAN_LAB_BIN;
  const paths = await ensureFamilies(LEVEL_1, from ? resolve(from) : undefined, settings);
  // Complete by construction: a family that no step has makes ensureFamilies throw.
  return paths as Record<BinaryName, string>;
}

/** The binary's path in meshplan's cache; undefined when it is not there. Builds and downloads nothing. */
export async function findCachedBinary(name: BinaryName): Promise<string | undefined> {
  const family = LEVEL_1.find(({ binaries }) => binaries.some((binary) => binary.name === name));
  if (family === undefined) return undefined;
  const path = join(familyDir(readSettings({}), family), name);
  return (await isExecutable(path)) ? path : undefined;
}
