import { isController } from '../diff/ownership.js';
import type { DesiredObject } from '../model/action.js';
import type { Diagnostic, SourceRange } from '../model/diagnostic.js';
import { addressOf, refOf, type Unread } from '../model/kube.js';
import { REVISION_LABEL } from '../model/names.js';
import type { PlannedObject } from '../model/plan.js';
import type { wayOutFor } from '../model/promotion.js';
import type { Observation } from '../observe/observe.js';
import { overrulingLabels } from '../observe/overruling.js';
import type { PlanInput } from './plan.js';
import { HOLDS_DATA } from './replacement.js';

/** What stands in the way of one desired object; `source` is where its action was declared. */
export function findingsOf(
  { cluster, object, source: written, fieldAt }: DesiredObject,
  observation: Observation | undefined,
  source?: SourceRange,
): Diagnostic[] {
  const address = addressOf(refOf(cluster, object));
  if (observation?.type === 'conflict') {
    return [conflictFinding(address, observation)];
  }
  if (observation?.type === 'present' && !observation.ours) {
    return overrulingLabels(object, observation.predicted).map((label) => ({
      severity: 'warning',
      address,
      code: 'injection-overruled',
      message: `${address} was there before meshplan, with ${label}=${observation.predicted.metadata.labels?.[label]}, which Istio heeds in the place of ${REVISION_LABEL}`,
      hint: `Take the label out: kubectl label namespace ${object.metadata.name} ${label}- (or --adopt ${address}, which does).`,
      ...source,
    }));
  }
  if (observation?.type === 'immutable' && HOLDS_DATA.has(object.kind)) {
    return [
      {
        severity: 'error',
        address,
        code: 'immutable-field',
        message: `${address} would have to be deleted and made anew, with what it holds: ${observation.message}`,
        hint: 'Take the change back, or replace the object by hand.',
      },
    ];
  }
  if (observation?.type === 'invalid') {
    return [
      {
        severity: 'error',
        address,
        code: 'invalid-object',
        message: `${address} is refused: ${observation.message}`,
        ...(observation.declared
          ? {
              hint: 'Mend the manifest or the field of mesh.yaml that it comes from.',
              ...(fieldAt?.(fieldIn(observation.message)) ?? written ?? source),
            }
          : { hint: 'See that your user may do this, and what the policies of the cluster say.' }),
      },
    ];
  }
  return [];
}

/** The first field that an API server complains of, as in `… is invalid: spec.replicas: Invalid value`. */
const fieldIn = (message: string) => /(?:^|: )([a-z]\w*(?:[.[][\w\].[]*)?): /.exec(message)?.[1] ?? '';

/** What is used though it never was ours; a Namespace that was there is nothing to tell of. */
export function notOursFindings(objects: readonly PlannedObject[]): Diagnostic[] {
  const shared = objects.filter(({ shared, kind }) => shared && kind !== 'Namespace');
  return [...new Set(shared.map(({ cluster }) => cluster))].map((cluster) => {
    const mine = shared.filter((object) => object.cluster === cluster);
    const [first] = mine;
    const what =
      mine.length === 1 ? `${first?.address} was` : `${mine.length} objects, ${first?.address} first, were`;
    return {
      severity: 'warning',
      code: 'not-ours',
      message: `cluster ${cluster}: ${what} there before meshplan; nobody disagrees with mesh.yaml there, but they stay others' and are never deleted`,
      hint: 'Take them over with --adopt.',
    };
  });
}

/** Tokens that a fence asks to be made anew, and that are not meshplan's to delete. */
export function fencedFindings(objects: readonly PlannedObject[]): Diagnostic[] {
  return objects
    .filter(({ change, reason }) => change === 'blocked' && reason === 'made-before-fence')
    .map(({ address }) => ({
      severity: 'error',
      code: 'fenced-token',
      address,
      message: `${address} was made before a fence, so that the fenced cluster may hold its token, and before meshplan, which never deletes what is not its own`,
      hint: 'Take it over with --adopt, or delete it by hand; apply makes it anew.',
    }));
}

/** What is as declared, and whose pods an earlier run did not see come. */
export function unfinishedFindings(
  objects: readonly PlannedObject[],
  unfinished: ReadonlyMap<string, string> = new Map(),
): Diagnostic[] {
  return objects.flatMap(({ address, change }) => {
    const what = unfinished.get(address);
    if (change !== 'noop' || what === undefined) return [];
    return [
      {
        severity: 'warning',
        code: 'rollout-unfinished',
        address,
        message: `${address} is as declared, but its rollout, which an earlier apply began, is not complete: ${what}`,
        hint: 'meshplan apply waits for it, and says why it does not come.',
      },
    ];
  });
}

/** How many contested fields of one manager are named. */
const FIELDS_SHOWN = 8;

function conflictFinding(
  address: string,
  { otherMesh, causes }: Observation & { type: 'conflict' },
): Diagnostic {
  const finding = { severity: 'error', code: 'field-conflict', address } as const;
  if (otherMesh !== undefined) {
    return {
      ...finding,
      message: `${address} belongs to mesh ${otherMesh}`,
      hint: 'Destroy that mesh first, or give this one a name or a place of its own.',
    };
  }
  const byManager = new Map<string, string[]>();
  for (const { field, message } of causes) {
    const manager = /"([^"]+)"/.exec(message)?.[1] ?? message;
    byManager.set(manager, [...(byManager.get(manager) ?? []), field.replace(/^\./, '')]);
  }
  const owners = [...byManager].map(([manager, fields]) => `${manager} owns ${someOf(fields)}`).join('; ');
  const maker = [...byManager.keys()].find((manager) => !isController(manager));
  return {
    ...finding,
    message: `${address} was there before meshplan, and others own fields that are declared otherwise: ${owners}`,
    hint: `Take it over with --adopt (everything that was there)${maker ? `, --adopt manager:${maker}` : ''} or --adopt ADDRESS; or make the fields equal to the declaration.`,
  };
}

function someOf(fields: string[]): string {
  const shown = fields.slice(0, FIELDS_SHOWN).join(', ');
  return fields.length > FIELDS_SHOWN ? `${shown} and ${fields.length - FIELDS_SHOWN} more` : shown;
}

/** What is missing from the reading of a cluster: one finding for each right or failure, whatever hangs on it. */
export function unreadFindings(unread: readonly Unread[]): Diagnostic[] {
  const told = new Map(unread.map((item) => [`${item.cluster} ${item.message}`, item]));
  return [...told.values()].map(({ cluster, kind, reason, message }) =>
    reason === 'forbidden'
      ? {
          severity: 'warning',
          code: 'read-forbidden',
          message: `cluster ${cluster}: ${message}; what hangs on kind ${kind} there is not known`,
          hint: 'Give this user the right, or plan with another account.',
        }
      : {
          severity: 'warning',
          code: 'read-failed',
          message: `cluster ${cluster} fails to show kind ${kind}, so what hangs on it is not known: ${message}`,
          hint: 'Look into the API server, or the extension that serves this kind.',
        },
  );
}

/** Why a cluster is missing from a plan, and for a primary what to do when it is lost, if it is to be had. */
export function unreachableFindings(
  { mesh, facts }: Pick<PlanInput, 'mesh' | 'facts'>,
  wayOut: typeof wayOutFor = () => undefined,
): Diagnostic[] {
  return mesh.clusters.flatMap((cluster) => {
    const known = facts.clusters[cluster.name];
    if (!known || known.reachable) return [];
    const hint = [known.hint, wayOut(mesh, cluster.name)].filter((text) => text !== undefined).join(' ');
    return [
      {
        severity: 'warning' as const,
        code: 'cluster-unreachable',
        message: `cluster ${cluster.name} cannot be read, so what it needs is not known: ${known.error}`,
        ...(hint ? { hint } : {}),
        ...cluster.source,
      },
    ];
  });
}
