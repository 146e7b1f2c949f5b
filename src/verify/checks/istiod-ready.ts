import type { KubeObject } from '../../model/kube.js';
import { primariesOf, type VerifyContext } from '../context.js';
import { PATHS } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass, unsettled, warn } from '../outcome.js';

/** What a mesh without istiod still does. */
const MEANWHILE = 'Until istiod is back pods keep what they know of the mesh, and new ones are refused.';

const HINTS = {
  scaled: `Run \`meshplan apply\`, which scales it up. ${MEANWHILE}`,
  pods: `Look at the pods' events: kubectl -n istio-system describe pods -l app=istiod. ${MEANWHILE}`,
  fewer: 'The mesh works, but istiod has fewer up-to-date replicas than declared: see its pods and HPA.',
};

/** Per primary: istiod runs, with as many replicas as declared. */
export function istiodReady(context: VerifyContext): CheckSpec[] {
  return primariesOf(context.mesh).map(({ name, controlPlane }) => ({
    id: 'istiod-ready',
    cluster: name,
    claim: `istiod of ${name} is available with ${controlPlane.replicas} or more replicas`,
    needs: [name],
    run: async () => judgeIstiod(await context.read(name, PATHS.istiod), controlPlane.replicas),
  }));
}

interface DeploymentStatus {
  observedGeneration?: number;
  availableReplicas?: number;
  updatedReplicas?: number;
  conditions?: { type?: string; status?: string; message?: string }[];
}

/** Judges Deployment istiod by its status, as the Deployment controller wrote it. */
export function judgeIstiod(deployment: KubeObject | undefined, declared: number): Outcome {
  if (!deployment) return fail('Deployment istiod does not exist', 'Run `meshplan apply`.');
  const status = (deployment.status ?? {}) as DeploymentStatus;
  const wanted = (deployment.spec as { replicas?: number } | undefined)?.replicas ?? 1;
  const available = status.availableReplicas ?? 0;
  if (wanted === 0) return unsettled(fail('Deployment istiod is scaled to 0 replicas', HINTS.scaled));
  const evidence = `Deployment istiod: ${available} of ${wanted} replicas available, ${status.updatedReplicas ?? 0} up to date`;
  const condition = status.conditions?.find((item) => item.type === 'Available');
  const isObserved = status.observedGeneration === deployment.metadata.generation;
  if (condition?.status !== 'True' || available === 0) {
    const why = condition?.message ? ` (${condition.message})` : '';
    return unsettled(fail(evidence + why, HINTS.pods));
  }
  if (!isObserved || available < declared || (status.updatedReplicas ?? 0) < wanted) {
    return unsettled(warn(evidence, HINTS.fewer));
  }
  return pass(evidence);
}
