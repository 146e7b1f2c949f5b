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
