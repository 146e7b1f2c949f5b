import { InvalidInputError } from '../errors/index.js';
import { matcher } from '../match/globs.js';
import type { DesiredAction } from '../model/action.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { addressOf, refOf } from '../model/kube.js';
import type { PlanRequest } from '../model/request.js';
import { BY_MANAGER } from '../observe/adoption.js';

/**
 * Patterns that no declared object fits are mistakes, such as a plan file behind `--adopt`; a manager may
 * rightly own nothing any more.
 * @throws InvalidInputError `adopt-matches-nothing`, all such patterns at once.
 */
export function refuseVainAdoption({ adopt = [] }: PlanRequest, actions: readonly DesiredAction[]): void {
  const addresses = actions.flatMap((action) =>
    action.objects.map(({ cluster, object }) => addressOf(refOf(cluster, object))),
  );
  const findings = adopt
    .filter((pattern) => !pattern.startsWith(BY_MANAGER) && !addresses.some(matcher(pattern)))
    .map(
      (pattern): Diagnostic => ({
        severity: 'error',
        code: 'adopt-matches-nothing',
        message: `--adopt ${pattern} fits the address of no object that mesh.yaml declares`,
        hint: 'An address is CLUSTER/APIVERSION/KIND/NAMESPACE/NAME; `*` stands for one part, `**` for any number of them. Without an address, --adopt means all.',
      }),
    );
  if (findings.length > 0) throw new InvalidInputError(findings);
}
