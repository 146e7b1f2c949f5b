import type { ResolvedMesh } from '../../model/resolved-mesh.js';

/**
 * Days that are left of a certificate when there is something to do about it; a quarter of them is urgent. A root
 * takes long to replace everywhere; a short-lived one must not warn from its first day on.
 */
export function warningDays({ trust }: ResolvedMesh): { root: number; signing: number } {
  return {
    root: Math.min(90, trust.root.validityDays / 4),
    signing: trust.intermediates.renewBeforeDays,
  };
}
