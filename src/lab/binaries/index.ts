import { join, resolve } from 'node:path';
import type { BinariesAtHand } from './at-hand.js';
import { ensureFamilies } from './ensure.js';
import { isExecutable } from './executables.js';
import { prometheus } from './families.js';
import { LEVELS } from './levels.js';
import { familyDir, readSettings } from './settings.js';
import type {
  BinaryEvent,
  BinaryName,
  BinaryPaths,
  Family,
  LabLevel,
  Paths,
  PrometheusBinary,
} from './types.js';

export type { BinariesAtHand } from './at-hand.js';
export { describeEvent } from './describe.js';
export type {
  BinaryEvent,
  BinaryName,
  BinaryNames,
  BinaryPaths,
  LabLevel,
  ProgressEvent,
  PrometheusBinary,
  Step,
  StepEvent,
  WaitingEvent,
} from './types.js';

interface EnsureOptions {
  from?: string;
  onEvent?: (event: BinaryEvent) => void;
  signal?: AbortSignal;
}

/**
 * Gets all that a lab of this level needs: from the folder `from` (else `MESHPLAN_LAB_BIN`), meshplan's cache,
 * PATH, an official download, or a build from Go modules. Returns absolute paths; with a full cache
 * it costs a few stat calls. Throws MeshplanError as `ensureFamilies` says.
 */
export async function ensureBinaries<L extends LabLevel>(
  options: EnsureOptions & { level: L },
): Promise<BinaryPaths<L>> {
  // Complete by construction: a family that no step has makes ensureFamilies throw.
  return (await ensureAll(LEVELS[options.level], options)) as BinaryPaths<L>;
}

/** The same for Prometheus and promtool. */
export async function ensurePrometheus(options: EnsureOptions): Promise<Record<PrometheusBinary, string>> {
  return (await ensureAll([prometheus], options)) as Record<PrometheusBinary, string>;
}

async function ensureAll(families: readonly Family[], options: EnsureOptions): Promise<Paths> {
  const settings = readSettings(options);
  return ensureFamilies(families, folderOf(options.from, settings.env), settings);
}

/** How this machine would get what a lab of this level needs. Fetches and builds nothing. */
export async function binariesAtHand(level: LabLevel, from?: string): Promise<BinariesAtHand> {
  const settings = readSettings({});
  const { familiesAtHand } = await import('./at-hand.js');
  return familiesAtHand(LEVELS[level], folderOf(from, settings.env), settings);
}

/** The file's path in meshplan's cache; undefined when it is not there. Builds and downloads nothing. */
export async function findCachedBinary(name: BinaryName): Promise<string | undefined> {
  const families = [...Object.values(LEVELS).flat(), prometheus];
  const family = families.find(({ binaries }) => binaries.some((binary) => binary.name === name));
  if (family === undefined) return undefined;
  const path = join(familyDir(readSettings({}), family), name);
  return (await isExecutable(path)) ? path : undefined;
}

function folderOf(from: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const folder = from || env.MESHPLAN_LAB_BIN;
  return folder ? resolve(folder) : undefined;
}
