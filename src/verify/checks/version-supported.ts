import type { VerifyContext } from '../context.js';
import { type CheckSpec, fail, type Outcome, pass, warn } from '../outcome.js';

/** The oldest Kubernetes that Istio 1.31 supports. */
const FLOOR = { major: 1, minor: 32 };

/** Per cluster: its Kubernetes is not too old for Istio. */
export function versionSupported(context: VerifyContext): CheckSpec[] {
  return context.mesh.clusters.map(({ name }) => ({
    id: 'version-supported',
    cluster: name,
    claim: `${name} runs Kubernetes ${FLOOR.major}.${FLOOR.minor} or newer`,
    needs: [name],
    async run() {
      const probe = context.probes.get(name);
      return judgeVersion(probe?.reachable ? probe.version : 'unknown');
    },
  }));
}

/** Judges an API server's `gitVersion`, e.g. `v1.33.1-gke.100`. */
export function judgeVersion(version: string): Outcome {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === undefined || minor === undefined) {
    return warn(`the API server says "${version}"`, 'Check by hand that Istio supports this server.');
  }
  const isNewer = Number(major) > FLOOR.major;
  const isSupported = isNewer || (Number(major) === FLOOR.major && Number(minor) >= FLOOR.minor);
  if (isSupported) return pass(`the API server says ${version}`);
  return fail(`the API server says ${version}`, 'Upgrade the cluster, or take an older Istio for the mesh.');
}
