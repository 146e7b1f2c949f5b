import type { Diagnostic } from '../model/diagnostic.js';
import type { Cacerts, Facts } from '../model/facts.js';
import { unreadOf } from '../model/kube.js';
import { CACERTS_SECRET, caFolderOf, ISTIO_NAMESPACE } from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';

/** What the PKI adapter tells about certificates; given in, for stages import no adapter. */
export interface TrustPort {
  /** The root in the local store, or undefined where there is none yet. */
  localRoot(): Promise<{ certPem: string; keyAvailable: boolean } | undefined>;
  fingerprint(certPem: string): string;
  /** Soundness of a cluster's live Secret: complete, matching, chained to its root, not near its end. */
  check(cacerts: Partial<Cacerts>): { ok: boolean; problems: { code: string; message: string }[] };
}

/**
 * Decides the mesh's root and which live intermediates stay. A live CA always wins: it is never
 * replaced because a key or the state is missing, only where its root is the mesh's and a new one mends it.
 */
export async function settleTrust(
  mesh: ResolvedMesh,
  facts: Facts,
  live: Map<string, Partial<Cacerts> | undefined>,
  port: TrustPort,
): Promise<{ facts: Pick<Facts, 'root' | 'rootUndecided' | 'cacerts'>; diagnostics: Diagnostic[] }> {
  if (mesh.trust.source === 'secret')
    return { facts: { cacerts: {} }, diagnostics: missingSecrets(mesh, facts, live) };
  const local = await port.localRoot();
  const root = chooseRoot(mesh, live, local, port);
  const cacerts: Record<string, Cacerts> = {};
  const diagnostics: Diagnostic[] = [];
  for (const cluster of holders(mesh)) {
    const found = live.get(cluster.name);
    const verdict = found === undefined ? { keep: false } : judge(found, root, cluster, port);
    diagnostics.push(...(verdict.findings ?? []));
    if (found && verdict.keep) cacerts[cluster.name] = found as Cacerts;
    else if (root && !root.keyAvailable && isSeen(facts, cluster.name)) {
      diagnostics.push(keyMissing(cluster, caFolderOf(mesh), found !== undefined));
    }
  }
  const isLost = !root && mesh.fenced.length > 0;
  if (isLost) diagnostics.push(rootLost(mesh));
  const isUndecided = isLost || (!root && holders(mesh).some((cluster) => !isSeen(facts, cluster.name)));
  return {
    facts: { ...(root ? { root } : {}), ...(isUndecided ? { rootUndecided: true } : {}), cacerts },
    diagnostics,
  };
}

/** Whether it is known which authority a cluster holds, if any. */
function isSeen(facts: Facts, cluster: string): boolean {
  const known = facts.clusters[cluster];
  if (!known?.reachable) return false;
  const ref = { cluster, apiVersion: 'v1', kind: 'Secret', namespace: ISTIO_NAMESPACE, name: CACERTS_SECRET };
  return unreadOf(known.unread, ref) === undefined;
}

/** Problems of an intermediate that a new one mends; any other is for a person to look at. */
const MENDED_BY_RENEWAL = new Set(['renewal-due', 'expired']);

/**
 * Whether a live intermediate stays as it is. It does with any doubt: an error then stops the apply, and
 * the plan must not look as if it would be replaced.
 */
function judge(
  found: Partial<Cacerts>,
  root: Facts['root'],
  { name, source }: ResolvedCluster,
  port: TrustPort,
): { keep: boolean; findings?: Diagnostic[] } {
  const liveRoot = rootOf(found, port);
  // With the root's key at hand a broken Secret is made anew; without it nobody knows whose it is.
  if (!liveRoot && root?.keyAvailable) return { keep: false };
  if (!liveRoot) return { keep: true, findings: [unreadable(name, 'root-cert.pem cannot be read', source)] };
  if (root && liveRoot !== root.fingerprint) return { keep: true, findings: [rootMismatch(name, source)] };
  const { ok, problems } = port.check(found);
  const rootEnds = problems.filter((item) => item.code === 'root-renewal-due');
  const findings = rootEnds.map((item) => rootNearItsEnd(name, item.message, source));
  if (ok) return { keep: true, findings };
  const others = problems.filter(
    (item) => !MENDED_BY_RENEWAL.has(item.code) && item.code !== 'root-renewal-due',
  );
  const [problem] = others;
  // A part that somebody removed or broke is made anew from the same root; a clock that is off is not.
  if (problem?.code === 'not-yet-valid') {
    return { keep: true, findings: [unreadable(name, problem.message, source)] };
  }
  return { keep: false, findings };
}

const holders = (mesh: ResolvedMesh) =>
  mesh.clusters.filter((cluster) => cluster.role === 'primary' || mesh.trust.remoteKeys);

function chooseRoot(
  mesh: ResolvedMesh,
  live: Map<string, Partial<Cacerts> | undefined>,
  local: { certPem: string; keyAvailable: boolean } | undefined,
  port: TrustPort,
): Facts['root'] {
  if (local) return { ...local, fingerprint: port.fingerprint(local.certPem) };
  // Without a local root the primaries' live one is the mesh's, then any remote's.
  const order = [...mesh.clusters].sort((a, b) => Number(a.role === 'remote') - Number(b.role === 'remote'));
  for (const cluster of order) {
    const found = live.get(cluster.name);
    const fingerprint = found && rootOf(found, port);
    const certPem = found?.['root-cert.pem'];
    if (certPem && fingerprint) return { certPem, fingerprint, keyAvailable: false };
  }
  return undefined;
}

function rootOf(cacerts: Partial<Cacerts>, port: TrustPort): string | undefined {
  try {
    const pem = cacerts['root-cert.pem'];
    return pem ? port.fingerprint(pem) : undefined;
  } catch {
    return undefined;
  }
}

function unreadable(cluster: string, problem: string, source: Place): Diagnostic {
  return {
    severity: 'error',
    code: 'cacerts-unreadable',
    message: `cluster ${cluster}: the live Secret cacerts cannot be judged, so it is not touched: ${problem}`,
    hint: 'Put its four files in order (and check the clocks), or remove the Secret by hand to have it made anew.',
    ...source,
  };
}

function rootNearItsEnd(cluster: string, message: string, source: Place): Diagnostic {
  return {
    severity: 'warning',
    code: 'root-renewal-due',
    message: `cluster ${cluster}: ${message}`,
    hint: 'Prepare a new root while the old one is still valid; no certificate outlives it.',
    ...source,
  };
}

function rootMismatch(cluster: string, source: Place): Diagnostic {
  return {
    severity: 'error',
    code: 'root-mismatch',
    message: `cluster ${cluster}: the live Secret cacerts has another root than the mesh, so its workloads trust nobody else`,
    hint: 'Put back the root key and certificate that made it (trust.ca.root.keyFile), or remove that Secret by hand if its trust may be lost.',
    ...source,
  };
}

function keyMissing({ name, role, source }: ResolvedCluster, caFolder: string, exists: boolean): Diagnostic {
  const why = exists ? 'needs a new intermediate' : 'has no intermediate yet';
  // Nothing in a remote needs an intermediate before its promotion.
  const spare = role === 'remote' ? ' Or leave remotes without: trust.ca.remoteKeys: false.' : '';
  return {
    severity: 'error',
    code: 'ca-key-missing',
    message: `cluster ${name} ${why}, but the key of the mesh's root is not here`,
    hint: `Put root-key.pem and root-cert.pem into ${caFolder}/ (or name them in trust.ca.root). A live root is never replaced because its key is missing.${spare}`,
    ...source,
  };
}

/** A fenced cluster had a part in the mesh, and signed with a root that must not be replaced by another. */
function rootLost(mesh: ResolvedMesh): Diagnostic {
  const [cluster] = mesh.fenced;
  return {
    severity: 'error',
    code: 'ca-key-missing',
    message: `the root of the mesh is neither here nor in a cluster that takes part; ${cluster?.name}, which is fenced, may have it`,
    hint: `Put root-key.pem and root-cert.pem into ${caFolderOf(mesh)}/ (or name them in trust.ca.root): with another root nobody would trust who starts later.`,
    ...cluster?.fencedAt,
  };
}

function missingSecrets(
  mesh: ResolvedMesh,
  facts: Facts,
  live: Map<string, Partial<Cacerts> | undefined>,
): Diagnostic[] {
  const lacking = holders(mesh).filter(
    (cluster) => isSeen(facts, cluster.name) && live.get(cluster.name) === undefined,
  );
  return lacking.map((cluster) => ({
    severity: 'error',
    code: 'cacerts-missing',
    message: `cluster ${cluster.name} has no Secret istio-system/cacerts, and trust.ca.source is secret`,
    hint: 'Create the Secret with ca-cert.pem, ca-key.pem, root-cert.pem and cert-chain.pem, or let meshplan make it: source: generated.',
    ...cluster.source,
  }));
}

type Place = { file: string; line: number; column: number };
