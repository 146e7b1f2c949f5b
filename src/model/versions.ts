/** The numbers of an Istio version; `patch` is missing in a minor (`1.31`) and in `1.31-dev`. */
export interface IstioVersion {
  major: number;
  minor: number;
  patch?: number;
}

/** Reads `1.31`, `1.31.2`, `1.31-dev`, `1.31.2-distroless`; undefined for `latest` and the like. */
export function parseIstioVersion(text: string): IstioVersion | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:$|[-+.])/.exec(text) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const version = { major: Number(major), minor: Number(minor) };
  return patch === undefined ? version : { ...version, patch: Number(patch) };
}

/** Whether a running version is the declared one: all that is declared must agree. */
export function isDeclaredVersion(actual: IstioVersion, declared: IstioVersion): boolean {
  if (actual.major !== declared.major || actual.minor !== declared.minor) return false;
  return declared.patch === undefined || actual.patch === declared.patch;
}

/** `1.31.2` of istiod's `/version`, which answers `VERSION-REVISION-STATUS`. */
export const versionOfBuild = (build: string): string => build.trim().replace(/-[^-]+-[^-]+$/, '');

/** The least Kubernetes minor (of 1) that an Istio minor supports, and the greatest where that is known. */
interface SupportedKubernetes {
  floor: number;
  ceiling?: number;
}

/**
 * By Istio minor (of 1): the supported versions of Istio's own table,
 * https://istio.io/latest/docs/releases/supported-releases/. Of 1.31 the floor is that of `istioctl x precheck`,
 * and meshplan itself is tested on 1.37. A newer Istio is taken to need no less than the last one here.
 */
const SUPPORTED: Record<number, SupportedKubernetes> = {
  26: { floor: 29, ceiling: 33 },
  27: { floor: 29, ceiling: 33 },
  28: { floor: 30, ceiling: 34 },
  29: { floor: 31, ceiling: 35 },
  30: { floor: 32, ceiling: 36 },
  31: { floor: 32 },
};

/** Which Kubernetes an Istio version supports; undefined for one that is too old to be known here. */
export function supportedKubernetes(istio: string): SupportedKubernetes | undefined {
  const { major, minor } = parseIstioVersion(istio) ?? {};
  if (major !== 1 || minor === undefined) return undefined;
  return SUPPORTED[Math.min(minor, Math.max(...Object.keys(SUPPORTED).map(Number)))];
}

/** How an API server's `gitVersion` (`v1.33.1-gke.100`) stands to an Istio version. */
export function judgeKubernetes(
  gitVersion: string,
  istio: string,
): 'supported' | 'too-old' | 'untested' | 'unknown' {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(gitVersion) ?? [];
  const range = supportedKubernetes(istio);
  if (major === undefined || minor === undefined || range === undefined) return 'unknown';
  if (Number(major) === 1 && Number(minor) < range.floor) return 'too-old';
  const isNewer = Number(major) > 1 || Number(minor) > (range.ceiling ?? Number.POSITIVE_INFINITY);
  return isNewer ? 'untested' : 'supported';
}
