import { resolve } from 'node:path';
import semver from 'semver';
import { ExitCode, MeshplanError } from '../errors/index.js';
import { executablesOnPath } from '../files/on-path.js';

/** Where istioctl may come from, in this order (contract, section 2). */
export interface IstioctlSources {
  /** `--istioctl`, else MESHPLAN_ISTIOCTL. */
  named: string | undefined;
  path: string | undefined;
  /** The lab's cached binary. */
  cached: () => Promise<string | undefined>;
}

/** Every candidate that exists. A named one is the only one. */
export async function istioctlCandidates(sources: IstioctlSources): Promise<string[]> {
  if (sources.named) return [resolve(sources.named)];
  const found = await executablesOnPath('istioctl', sources.path);
  const cached = await sources.cached();
  return cached ? [...found, cached] : found;
}

/**
 * Whether istioctl fits `istio.version`: a release must be equal; a minor takes any of its patches and
 * its `-dev` builds.
 */
export function satisfies(actual: string, wanted: string): boolean {
  if (actual === wanted) return true;
  if (/^\d+\.\d+$/.test(wanted))
    return actual === `${wanted}-dev` || actual.startsWith(`${wanted}.`) || actual.startsWith(`${wanted}-`);
  const [has, wants] = [semver.parse(actual), semver.parse(wanted)];
  return has !== null && wants !== null && semver.eq(has, wants);
}

/** The error for a mesh whose version no istioctl at hand has. */
export function noIstioctl(wanted: string, tried: { path: string; version: string }[]): MeshplanError {
  const list = tried.map((item) => `${item.path} is ${item.version}`).join('; ');
  return tried.length > 0
    ? new MeshplanError('istioctl-version', `mesh.yaml wants Istio ${wanted}, but ${list}`, {
        hint: `Install istioctl ${wanted} and name it with --istioctl, or change istio.version.`,
        exitCode: ExitCode.invalid,
      })
    : new MeshplanError('istioctl-missing', `no istioctl found for Istio ${wanted}`, {
        hint: 'Put istioctl on PATH or name it with --istioctl or MESHPLAN_ISTIOCTL.',
        exitCode: ExitCode.invalid,
      });
}
