import { matcher } from '../match/globs.js';
import type { DesiredAction } from '../model/action.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { addressOf, refOf } from '../model/kube.js';
import type { PlanRequest } from '../model/request.js';
import { BY_MANAGER } from '../observe/adoption.js';

/** Patterns that no declared object fits are mistakes; a manager may rightly own nothing any more. */
export function adoptionFindings({ adopt = [] }: PlanRequest, actions: DesiredAction[]): Diagnostic[] {
  const addresses = actions.flatMap((action) =>
    action.objects.map(({ cluster, object }) => addressOf(refOf(cluster, object))),
  );
  return adopt
    .filter((pattern) => !pattern.startsWith(BY_MANAGER) && !addresses.some(matcher(pattern)))
    .map((pattern) => ({
      severity: 'warning',
      code: 'adopt-matches-nothing',
      message: `--adopt ${pattern} fits the address of no object that mesh.yaml declares`,
      hint: 'An address is CLUSTER/APIVERSION/KIND/NAMESPACE/NAME; `*` stands for one part, `**` for any number of them.',
    }));
}
