import type { VerifyContext } from './context.js';
import { PATHS } from './names.js';

/**
 * Where remotes reach istiod of a primary: as declared, else as the facts have it, else as the load
 * balancer says now. Undefined where nobody knows.
 */
export async function exposureAddress(context: VerifyContext, primary: string): Promise<string | undefined> {
  const cluster = context.mesh.clusters.find(({ name }) => name === primary);
  const known = cluster?.controlPlane.exposure.address ?? context.facts.addresses[primary];
  if (known) return known;
  const service = await context.read(primary, PATHS.exposure);
  const status = service?.status as
    | { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] } }
    | undefined;
  const [ingress] = status?.loadBalancer?.ingress ?? [];
  return ingress?.ip ?? ingress?.hostname;
}
