import { matcher } from '../match/globs.js';
import { coversPointer } from '../match/pointers.js';
import type { ProofRequirement } from '../model/resolved-mesh.js';
import { differences, type FieldDifference, type Side } from './differences.js';
import { type Rename, renameFor } from './places.js';
import type { Place, Proven } from './report.js';

/** A difference between what is declared for one environment and what was proved in another. */
export type Difference = { address: string } & (
  | ({ type: 'field'; provedIn: string } & FieldDifference)
  /** The other environment has nothing of the kind. */
  | { type: 'unproved' }
  /** The other environment has it, and this one has not. */
  | { type: 'missing'; provedIn: string }
  /** The other environment has no cluster of this role. */
  | { type: 'no-counterpart'; role: Place['role'] }
);

/** One cluster of an environment, with its objects. */
interface Member {
  place: Place;
  objects: [inCluster: string, content: unknown][];
  rename: Rename;
}

/**
 * All in which `declared` differs from what was proved, in more than names of places. A cluster is compared with that
 * of the same name, else with those of its role: each of its objects has to be as in one of them, and what one of
 * them has must be in some cluster here.
 */
export function compareProven(
  proved: Proven,
  declared: Proven,
  except: ProofRequirement['except'] = [],
): Difference[] {
  const isMeant = exceptionsOf(except);
  const [there, here] = [membersOf(proved), membersOf(declared)];
  const found = here.flatMap((member): Difference[] => {
    const { name, role } = member.place;
    const counterparts = counterpartsOf(member, there);
    if (counterparts.length === 0) return [{ type: 'no-counterpart', address: name, role }];
    return member.objects.flatMap(([inCluster, content]) =>
      differencesOf(`${name}/${inCluster}`, inCluster, { member, content }, counterparts, isMeant),
    );
  });
  const all = [...found, ...missingFrom(here, there)].filter((item) => !isMeant(item));
  // What is there or not weighs more than how it is.
  return [...all.filter(({ type }) => type !== 'field'), ...all.filter(({ type }) => type === 'field')];
}

function membersOf({ mesh, clusters, objects }: Proven): Member[] {
  return clusters.map((place) => ({
    place,
    objects: Object.entries(objects[place.name] ?? {}),
    rename: renameFor({ mesh, clusters }, place),
  }));
}

function counterpartsOf({ place }: Member, there: Member[]): Member[] {
  const ofRole = there.filter((other) => other.place.role === place.role);
  const namesake = ofRole.find((other) => other.place.name === place.name);
  return namesake ? [namesake] : ofRole;
}

/** Whether a difference is one that mesh.yaml permits. */
type IsMeant = (difference: Difference) => boolean;

/** The differences of one object from that which is most like it. */
function differencesOf(
  address: string,
  inCluster: string,
  { member, content }: { member: Member; content: unknown },
  counterparts: Member[],
  isMeant: IsMeant,
): Difference[] {
  const declared: Side = { value: content, rename: member.rename };
  let best: Difference[] | undefined;
  for (const other of counterparts) {
    for (const [, value] of sameObjects(inCluster, member, other)) {
      const found = differences({ value, rename: other.rename }, declared)
        .map((field): Difference => ({ type: 'field', address, provedIn: other.place.name, ...field }))
        .filter((item) => !isMeant(item));
      if (found.length === 0) return [];
      if (best === undefined || found.length < best.length) best = found;
    }
  }
  return best ?? [{ type: 'unproved', address }];
}

/** The objects of another cluster that have this address, or one that means the same place. */
function sameObjects(inCluster: string, member: Member, other: Member): Member['objects'] {
  const exact = other.objects.filter(([address]) => address === inCluster);
  if (exact.length > 0) return exact;
  const meant = member.rename(inCluster);
  return other.objects.filter(([address]) => other.rename(address) === meant);
}

/** What clusters of the other environment have and none of their counterparts here. */
function missingFrom(here: Member[], there: Member[]): Difference[] {
  const found = there.flatMap((other) => {
    const mine = here.filter((member) => counterpartsOf(member, there).includes(other));
    const [first] = mine;
    if (first === undefined) return [];
    return other.objects
      .filter(([inCluster]) => mine.every((member) => sameObjects(inCluster, other, member).length === 0))
      .map(
        ([inCluster]): Difference => ({
          type: 'missing',
          address: `${first.place.name}/${inCluster}`,
          provedIn: other.place.name,
        }),
      );
  });
  // Several clusters of a role have most things in common.
  return [...new Map(found.map((item) => [item.address, item])).values()];
}

function exceptionsOf(except: ProofRequirement['except']): IsMeant {
  const rules = except.map(({ address, pointers }) => ({ isAbout: matcher(address), pointers }));
  return (difference) =>
    rules.some(
      ({ isAbout, pointers }) =>
        isAbout(difference.address) &&
        (pointers === undefined ||
          (difference.type === 'field' && coversPointer(pointers, difference.pointer))),
    );
}
