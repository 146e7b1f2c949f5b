import { isDeepStrictEqual } from 'node:util';
import { ExitCode, MeshplanError } from '../errors/index.js';
import { suggestion } from '../match/nearest.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Plan } from '../model/plan.js';
import { type ClusterEdit, type Promotion, wayOutFor } from '../model/promotion.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';

const declaredIn = ({ clusters, fenced }: ResolvedMesh): ResolvedCluster[] => [...clusters, ...fenced];

/**
 * The primary in whose place a cluster would come.
 * @throws MeshplanError `promote-unknown`, `promote-primary`, `promote-fenced` (exit code 3).
 */
export function primaryToReplace(mesh: ResolvedMesh, name: string): ResolvedCluster {
  const cluster = mesh.clusters.find((item) => item.name === name);
  const exitCode = ExitCode.invalid;
  if (mesh.fenced.some((item) => item.name === name)) {
    throw new MeshplanError('promote-fenced', `${name} is fenced: it takes no part in the mesh`, {
      hint: `Take \`fenced\` out and apply first, so that ${name} is a remote; or promote another.`,
      exitCode,
    });
  }
  if (cluster === undefined) {
    const remotes = mesh.clusters.filter(({ role }) => role === 'remote');
    const hint = suggestion(
      name,
      remotes.map((item) => item.name),
    );
    throw new MeshplanError('promote-unknown', `there is no cluster ${name}`, { hint, exitCode });
  }
  if (cluster.role === 'primary') {
    throw new MeshplanError('promote-primary', `${name} is a primary already`, {
      hint: ['What mesh.yaml says is carried out, or gone on with, by meshplan apply.', wayOutFor(mesh, name)]
        .filter((text) => text !== undefined)
        .join(' '),
      exitCode,
    });
  }
  const primary = mesh.clusters.find((item) => item.name === cluster.primary);
  if (primary === undefined) throw new Error(`${name} has no primary`);
  return primary;
}

/** Clocks agree within this; the check `clock-skew` of verify warns of more. */
const CLOCKS_MS = 60_000;

/**
 * Since when a lost primary is fenced (RFC 3339): now, by the clock that is the latest to say so. Each cluster dates
 * by its own what it makes anew, and that must not seem to be of before. A clock that is wrong is left aside.
 * @param now milliseconds since 1970, as `clocks`: those of the clusters that stay.
 */
export function fenceMoment(now: number, clocks: readonly number[]): string {
  const right = clocks.filter((clock) => clock >= now - CLOCKS_MS);
  return new Date(Math.min(now, ...right)).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Remotes of a primary, fenced ones too, but one. */
export const otherRemotes = (mesh: ResolvedMesh, primary: string, but: string): string[] =>
  declaredIn(mesh)
    .filter((item) => item.role === 'remote' && item.primary === primary && item.name !== but)
    .map(({ name }) => name);

/**
 * What mesh.yaml has to say for a promotion. Remotes that leave `primary` out, as they may where there is one
 * primary, go with it by themselves: `names` tells which name theirs.
 */
export function editsFor(
  { cluster, from, since, moves }: Promotion,
  names: (cluster: string) => boolean,
): ClusterEdit[] {
  return [
    { cluster: from, fields: { role: 'remote', primary: cluster, ...(since ? { fenced: { since } } : {}) } },
    { cluster, fields: { role: 'primary', primary: null } },
    ...moves.filter(names).map((name) => ({ cluster: name, fields: { primary: cluster } })),
  ];
}

/** The clusters that a mesh, read from the edited file, does not have as they are meant; overlays may undo an edit. */
export function notAsMeant(before: ResolvedMesh, after: ResolvedMesh, promotion: Promotion): string[] {
  const { cluster, from, since, moves } = promotion;
  const roles = (mesh: ResolvedMesh) =>
    new Map(declaredIn(mesh).map((item) => [item.name, { role: item.role, primary: item.primary }]));
  const [was, is] = [roles(before), roles(after)];
  was.set(cluster, { role: 'primary', primary: cluster });
  for (const name of [from, ...moves]) was.set(name, { role: 'remote', primary: cluster });
  const fences = new Map(before.fenced.map((item) => [item.name, item.since]));
  if (since) fences.set(from, since);
  const fencesAfter = new Map(after.fenced.map((item) => [item.name, item.since]));
  const names = new Set([...was.keys(), ...is.keys()]);
  return [...names].filter(
    (name) => !isDeepStrictEqual(was.get(name), is.get(name)) || fences.get(name) !== fencesAfter.get(name),
  );
}

/** What each cluster of a mesh is, and since when it is fenced. */
const partsIn = (mesh: ResolvedMesh) => ({
  roles: Object.fromEntries(declaredIn(mesh).map(({ name, role, primary }) => [name, { role, primary }])),
  fences: Object.fromEntries(mesh.fenced.map(({ name, since }) => [name, since])),
});

/** Whether an edit changes what takes which part, as it may in an environment that was not meant. */
export const changesParts = (before: ResolvedMesh, after: ResolvedMesh): boolean =>
  !isDeepStrictEqual(partsIn(before), partsIn(after));

/** Environments that have roles from the same mesh file. */
export const sharedFinding = (environment: string, changed: readonly string[]): Diagnostic => ({
  severity: 'warning',
  code: 'promotion-environments',
  message: `the edit of the mesh file holds for ${changed.join(', ')} too: the same clusters would change their roles there`,
  hint: `Before anything is applied there, write \`role\`, \`primary\` and \`fenced\` into an overlay of ${environment}, and take the edit back.`,
});

/** What else changes with the roles: what is chosen by them, and an address that was the old primary's. */
export function promotionFindings(
  before: ResolvedMesh,
  after: ResolvedMesh,
  { cluster, from }: Promotion,
): Diagnostic[] {
  return [...moved(before, after), ...movedAddress(before, after, cluster, from)];
}

/**
 * Clusters of a promotion that answer and do not show what is in them: nothing of it could be carried out there. An old
 * primary would go on to lead beside the new one, unfenced; a new one would be there in mesh.yaml alone.
 */
export function unreadParts(
  { cluster, from, way }: Promotion,
  { clusters }: Pick<Plan, 'clusters'>,
): Diagnostic[] {
  const isUnread = (wanted: string) => clusters.some(({ name, reachable }) => name === wanted && !reachable);
  const unread = (name: string, then: string, hint: string): Diagnostic => ({
    severity: 'error',
    code: 'promote-unread',
    message: `${name} answers, but cannot be read, so it would ${then}`,
    hint,
  });
  const mend = (name: string) => `Mend what keeps you from ${name}`;
  return [
    ...(isUnread(cluster) ? [unread(cluster, 'be a primary by mesh.yaml alone', `${mend(cluster)}.`)] : []),
    ...(way === 'switchover' && isUnread(from)
      ? [
          unread(
            from,
            `stay a primary beside ${cluster}`,
            `${mend(from)}; or pass --fence, where it is to be left.`,
          ),
        ]
      : []),
  ];
}

/** Selectors by role choose other clusters now. */
function moved(before: ResolvedMesh, after: ResolvedMesh): Diagnostic[] {
  const active = new Set(after.clusters.map(({ name }) => name));
  const [was, is] = [placesIn(before), placesIn(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((what): Diagnostic[] => {
    const [old, now] = [was.get(what) ?? [], is.get(what) ?? []];
    const leaves = old.filter((name) => active.has(name) && !now.includes(name));
    const comes = now.filter((name) => !old.includes(name));
    if (leaves.length + comes.length === 0) return [];
    const parts = [
      ...(leaves.length > 0 ? [`away from ${leaves.join(', ')}`] : []),
      ...(comes.length > 0 ? [`to ${comes.join(', ')}`] : []),
    ];
    return [
      {
        severity: 'warning',
        code: 'promotion-moves',
        message: `the promotion moves ${what} ${parts.join(' and ')}: clusters are chosen by their role`,
        hint: 'Choose them by name or by label where that is not meant.',
      },
    ];
  });
}

/** Cluster names by what is in them. */
function placesIn({ namespaces, workloads }: ResolvedMesh): Map<string, string[]> {
  const places = new Map<string, string[]>();
  const add = (what: string, clusters: readonly string[]) =>
    places.set(what, [...new Set([...(places.get(what) ?? []), ...clusters])]);
  for (const { name, clusters } of namespaces) add(`namespace ${name}`, clusters);
  for (const { manifests, clusters, callableFrom } of workloads) {
    add(manifests, clusters);
    // Callers are all clusters without the workload: so those that get it are no callers any more.
    add(`the Services of ${manifests}`, [...clusters, ...callableFrom]);
  }
  return places;
}

function movedAddress(
  before: ResolvedMesh,
  after: ResolvedMesh,
  cluster: string,
  from: string,
): Diagnostic[] {
  const addressOf = (mesh: ResolvedMesh, name: string) =>
    mesh.clusters.find((item) => item.name === name)?.controlPlane.exposure.address;
  const address = addressOf(after, cluster);
  if (address === undefined || address !== addressOf(before, from)) return [];
  return [
    {
      severity: 'warning',
      code: 'promotion-address',
      message: `remotes find istiod at ${address}, as mesh.yaml says for every primary: that led to ${from}`,
      hint: `Let the address lead to ${cluster}, or write \`controlPlane.exposure.address\` for ${cluster}.`,
    },
  ];
}
