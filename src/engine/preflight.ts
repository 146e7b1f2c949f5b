import { MeshplanError } from '../errors/index.js';
import type { Severity } from '../model/diagnostic.js';
import { missingPermissions, userName } from '../observe/permissions.js';
import { permissionFindings, permissionsOf } from '../plan/permissions.js';
import type { Context, Survey } from './context.js';

/**
 * The same with a finding for each right that carrying out its plan takes and the user has not. For an apply
 * these are errors, so that nothing is begun that cannot be ended; for a plan they are warnings, because
 * another account may apply it.
 */
export async function preflight<T extends Survey>(
  context: Context,
  found: T,
  severity: Severity,
): Promise<T> {
  const { plan, actions, facts } = found;
  const needed = permissionsOf(plan, actions, facts);
  const users = new Map<string, string>();
  const missing = await Promise.all(
    [...context.clusters.values()].map(async (cluster) => {
      const wanted = needed.filter((item) => item.cluster === cluster.name);
      const lacking = await missingPermissions(cluster, wanted).catch(notAnswered);
      const user = lacking.length > 0 ? await userName(cluster).catch(() => undefined) : undefined;
      if (user) users.set(cluster.name, user);
      return lacking;
    }),
  );
  const findings = permissionFindings(missing.flat(), users, severity);
  return { ...found, plan: { ...plan, diagnostics: [...plan.diagnostics, ...findings] } };
}

/** A server that stopped answering after it was read: the apply meets that itself. */
function notAnswered(error: unknown): never[] {
  if (!(error instanceof MeshplanError)) throw error;
  return [];
}
