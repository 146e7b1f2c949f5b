import { judgeKubernetes, supportedKubernetes } from '../../model/versions.js';
import type { VerifyContext } from '../context.js';
import { type CheckSpec, fail, type Outcome, pass, warn } from '../outcome.js';

/** Per cluster: its Kubernetes is one that the mesh's Istio supports. */
export function versionSupported(context: VerifyContext): CheckSpec[] {
  const { version: istio } = context.mesh.istio;
  const range = supportedKubernetes(istio);
  const wanted = range
    ? `Kubernetes 1.${range.floor}${range.ceiling ? ` to 1.${range.ceiling}` : ' or newer'}`
    : 'a Kubernetes that Istio supports';
  return context.mesh.clusters.map(({ name }) => ({
    id: 'version-supported',
    cluster: name,
    claim: `${name} runs ${wanted}`,
    needs: [name],
    async run() {
      const probe = context.probes.get(name);
      return judgeVersion(probe?.reachable ? probe.version : 'unknown', istio);
    },
  }));
}

/** Judges an API server's `gitVersion`, e.g. `v1.33.1-gke.100`, for an Istio version. */
export function judgeVersion(version: string, istio: string): Outcome {
  const evidence = `the API server says ${version}`;
  switch (judgeKubernetes(version, istio)) {
    case 'supported':
      return pass(evidence);
    case 'too-old':
      return fail(evidence, `Upgrade the cluster: Istio ${istio} does not support it.`);
    case 'untested':
      return warn(evidence, `Istio ${istio} was not tested with it: see Istio's supported releases.`);
    default:
      return warn(evidence, `Check by hand that Istio ${istio} supports this server.`);
  }
}
