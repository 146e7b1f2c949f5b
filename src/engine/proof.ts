import { isGuarded } from '../facts/surroundings.js';
import type { Severity } from '../model/diagnostic.js';
import type { Facts } from '../model/facts.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import { contentsOf } from '../proof/content.js';
import { type ProofInput, proofFindings } from '../proof/judge.js';
import type { Place, Proven } from '../proof/report.js';
import type { Context, Survey } from './context.js';
import { compileFor } from './survey.js';

/** Stand for addresses and ranges of any place (TEST-NET-1, RFC 5737). */
const ANY_ADDRESS = '192.0.2.1';
const ANY_RANGE = '192.0.2.0/24';
/** Ranges that are no place, but everywhere. */
const EVERYWHERE = ['0.0.0.0/0', '::/0'];

/**
 * What a declaration comes to in any place: compiled without what clusters told, and with stand-ins for addresses and
 * ranges. Asks no cluster.
 */
export async function declaredProof(
  context: Pick<Context, 'mesh' | 'render' | 'parseYaml'>,
): Promise<Proven> {
  const mesh = anywhere(context.mesh);
  const primaries = mesh.clusters.filter(({ role }) => role === 'primary');
  const guarded = primaries.filter((cluster) => isGuarded(mesh, cluster));
  const facts: Facts = {
    clusters: {},
    addresses: Object.fromEntries(primaries.map(({ name }) => [name, ANY_ADDRESS])),
    cacerts: {},
    readerTokens: {},
    surroundings: Object.fromEntries(
      guarded.map(({ name }) => [name, { nodes: [ANY_RANGE], apiServers: [ANY_RANGE] }]),
    ),
  };
  const actions = await compileFor({ mesh, render: context.render }, facts);
  return {
    mesh: mesh.name,
    clusters: mesh.clusters.map(placeOf),
    objects: contentsOf(actions, mesh, context.parseYaml),
  };
}

export const placeOf = ({ name, role, primary, network, locality }: ResolvedCluster): Place => ({
  name,
  role,
  primary,
  network,
  ...(locality ? { locality } : {}),
});

/** The mesh without what says where istiod is reached; that anybody may reach it is of no place. */
function anywhere(mesh: ResolvedMesh): ResolvedMesh {
  const clusters = mesh.clusters.map((cluster): ResolvedCluster => {
    const { address: _, allowFrom, ...exposure } = cluster.controlPlane.exposure;
    const isOpen = allowFrom.length === 0 || allowFrom.some((range) => EVERYWHERE.includes(range));
    const anyExposure = { ...exposure, annotations: {}, allowFrom: isOpen ? [] : [ANY_RANGE] };
    return { ...cluster, controlPlane: { ...cluster.controlPlane, exposure: anyExposure } };
  });
  return { ...mesh, clusters };
}

/** How `requires` is judged: what the wiring reads of the other environment. */
export type Evidence = Pick<ProofInput, 'mesh' | 'reading' | 'state'> & {
  /** The mesh as it is declared, with clusters that this run gives up. */
  whole: ResolvedMesh;
};

/**
 * The same with a finding for all that keeps the required report from proving this declaration. An apply is to be
 * refused by them (`error`); who only looks, or cannot wait, is to be told (`warning`). While clusters are on their way
 * from an istiod that is lost, beside a fence, nothing is refused: a failover that was stopped half-way is worse than
 * one that nobody proved. Clusters on their way alone do not say so: a remote secret that is gone looks the same.
 */
export async function withProof<T extends Survey>(
  context: Context,
  found: T,
  evidence: Evidence | undefined,
  severity: Severity,
): Promise<T> {
  const requirement = context.mesh.environment?.requires;
  if (!requirement || !evidence) return found;
  const { plan, facts } = found;
  const isUnderWay = context.mesh.fenced.length > 0 && Object.keys(facts.moves ?? {}).length > 0;
  const { whole, ...known } = evidence;
  const uids = Object.values(facts.clusters).flatMap((known) => (known.reachable ? [known.uid] : []));
  const findings = proofFindings(
    {
      ...known,
      requirement,
      declared: await declaredProof({ ...context, mesh: whole }),
      uids: new Set(uids),
      now: context.lint.now,
    },
    isUnderWay ? 'warning' : severity,
  );
  return { ...found, plan: { ...plan, diagnostics: [...plan.diagnostics, ...findings] } };
}
