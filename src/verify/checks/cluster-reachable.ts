import { wayOutFor } from '../../model/promotion.js';
import type { VerifyContext } from '../context.js';
import { type CheckSpec, fail, pass } from '../outcome.js';

/** Per cluster: its API server answers. */
export function clusterReachable(context: VerifyContext): CheckSpec[] {
  return context.mesh.clusters.map(({ name }) => ({
    id: 'cluster-reachable',
    cluster: name,
    claim: `the API server of ${name} answers`,
    needs: [],
    async run() {
      const probe = context.probes.get(name);
      const facts = context.facts.clusters[name];
      if (probe?.reachable) return pass(`${facts?.server ?? name} answered /version`);
      const hint = probe?.hint ?? 'Check the kubeconfig and the network path to the API server.';
      const wayOut = wayOutFor(context.mesh, name);
      return fail(probe?.error ?? 'it was not asked', wayOut ? `${hint} ${wayOut}` : hint);
    },
  }));
}
