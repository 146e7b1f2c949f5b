import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { ExitCode, MeshplanError } from '../errors/index.js';
import { executablesOnPath } from '../files/on-path.js';
import type { BuiltKustomization, Kustomize } from '../model/kustomize.js';
import { type Outcome, runKustomize } from './run.js';

/** Where kubectl may come from, in this order. */
export interface KubectlSources {
  path: string | undefined;
  /** The lab's cached binary. */
  cached: () => Promise<string | undefined>;
}

/** Builds with the first kubectl that knows how. */
export function kustomizeBy(sources: KubectlSources): Kustomize {
  let candidates: Promise<string[]> | undefined;
  return {
    async build(folder, { origins }) {
      candidates ??= kubectls(sources);
      const unable: string[] = [];
      for (const kubectl of await candidates) {
        const { origin, outcome } = await build(kubectl, folder, origins);
        if (outcome.type === 'built') return { yaml: outcome.yaml, origin };
        if (outcome.type === 'failed') throw failed(outcome.reason);
        unable.push(`${kubectl}: ${outcome.reason.split('\n')[0]}`);
      }
      throw missing(unable);
    },
  };
}

async function kubectls({ path, cached }: KubectlSources): Promise<string[]> {
  const found = await executablesOnPath('kubectl', path);
  const own = await cached();
  return own ? [...found, own] : found;
}

type Build = Pick<BuiltKustomization, 'origin'> & { outcome: Outcome };

/** Where it fails with origins, the folder is built alone: its words are about the user's files only. */
async function build(kubectl: string, folder: string, origins: boolean): Promise<Build> {
  const withOrigins = origins ? await buildWithOrigins(kubectl, folder) : undefined;
  if (withOrigins && withOrigins.outcome.type !== 'failed') return withOrigins;
  return { origin: folder, outcome: await runKustomize(kubectl, folder) };
}

/** No flag asks for origins, only a field of the outermost kustomization: one around the user's is made. */
async function buildWithOrigins(kubectl: string, folder: string): Promise<Build> {
  const around = await mkdtemp(join(await realpath(tmpdir()), 'meshplan-kustomize-'));
  try {
    const kustomization = { resources: [relative(around, folder)], buildMetadata: ['originAnnotations'] };
    await writeFile(join(around, 'kustomization.yaml'), JSON.stringify(kustomization));
    return { origin: around, outcome: await runKustomize(kubectl, around) };
  } finally {
    await rm(around, { recursive: true, force: true });
  }
}

const failed = (reason: string) =>
  new MeshplanError('kustomize-failed', `kustomize cannot build it: ${reason}`, {
    hint: 'Mend the kustomization; `kubectl kustomize FOLDER` tries it alone.',
    exitCode: ExitCode.invalid,
  });

const missing = (unable: string[]) =>
  new MeshplanError(
    'kustomize-missing',
    unable.length > 0
      ? `no kubectl can build a kustomization: ${unable.join('; ')}`
      : 'no kubectl found, which builds kustomizations',
    { hint: 'Put kubectl 1.14 or later on PATH.', exitCode: ExitCode.invalid },
  );
