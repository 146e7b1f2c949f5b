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

/** Where Service istiod of a remote leads: the hostname or the IP addresses that its charts were given. */
export async function wayToIstiod(context: VerifyContext, remote: string): Promise<string[]> {
  const [service, slice] = await Promise.all([
    context.read(remote, PATHS.way),
    context.read(remote, PATHS.wayByIp),
  ]);
  const { externalName } = (service?.spec ?? {}) as { externalName?: string };
  if (externalName) return [externalName];
  return ((slice?.endpoints ?? []) as { addresses?: string[] }[]).flatMap((item) => item.addresses ?? []);
}
