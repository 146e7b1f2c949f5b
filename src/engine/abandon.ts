import { ExitCode, MeshplanError } from '../errors/index.js';
import { type AbandonedCluster, addressesIn } from '../model/abandoned.js';
import type { Diagnostic } from '../model/diagnostic.js';
import { type Cluster, parseAddress } from '../model/kube.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import { withoutClusters } from '../model/without-clusters.js';
import type { KnownObjects } from '../observe/ours.js';

/**
 * The mesh without the clusters that are given up, as if mesh.yaml did not name them.
 * @throws MeshplanError `abandon-unknown`, `abandon-primary` (exit code 3).
 */
export function withoutAbandoned(
  mesh: ResolvedMesh,
  abandoned: readonly string[],
  isKnown: (cluster: string) => boolean,
): ResolvedMesh {
  if (abandoned.length === 0) return mesh;
  const declared = [...mesh.clusters, ...mesh.fenced].map(({ name }) => name);
  const stranger = abandoned.find((name) => !declared.includes(name) && !isKnown(name));
  if (stranger !== undefined) throw unknown(stranger, declared);
  const left = withoutClusters(mesh, abandoned);
  const orphan = [...left.clusters, ...left.fenced].find(({ primary }) => abandoned.includes(primary));
  if (orphan || left.clusters.length === 0) throw primaryAbandoned(orphan?.primary, orphan?.name);
  return left;
}

const unknown = (name: string, declared: string[]) =>
  new MeshplanError('abandon-unknown', `--abandon ${name}: neither mesh.yaml nor the state knows it`, {
    hint: `mesh.yaml has ${declared.join(', ')}.`,
    exitCode: ExitCode.invalid,
  });

const primaryAbandoned = (primary: string | undefined, remote: string | undefined) =>
  new MeshplanError(
    'abandon-primary',
    primary
      ? `${primary} serves ${remote}, which is not abandoned`
      : 'no cluster of the mesh is left when all are abandoned',
    {
      hint: primary
        ? `Give ${remote} another primary in mesh.yaml, or abandon it as well.`
        : 'Move the state file away instead.',
      exitCode: ExitCode.invalid,
    },
  );

/** Clusters that the state knows and the mesh has no more; a fenced one has not left it. */
export function leftClusters(mesh: ResolvedMesh, known: KnownObjects): string[] {
  const names = [...known.keys()].map((address) => parseAddress(address)?.cluster);
  const declared = new Set([...mesh.clusters, ...mesh.fenced].map(({ name }) => name));
  return [...new Set(names)].filter((name) => name !== undefined).filter((name) => !declared.has(name));
}

export const abandonedClusters = (names: readonly string[], known: KnownObjects): AbandonedCluster[] =>
  names.map((name) => ({ name, objects: addressesIn(name, known.keys()) }));

/**
 * What is said of clusters that are given up, or that left mesh.yaml without a word.
 * @param renamed those that mesh.yaml has under another name.
 */
export function abandonFindings(
  mesh: ResolvedMesh,
  known: KnownObjects,
  abandoned: readonly AbandonedCluster[],
  declared: ReadonlySet<string>,
  renamed: ReadonlySet<string>,
): Diagnostic[] {
  const names = new Set(abandoned.map(({ name }) => name));
  const left = leftClusters(mesh, known).filter((name) => !names.has(name) && !renamed.has(name));
  return [
    ...left.map((name) => leftFinding(name, addressesIn(name, known.keys()).length)),
    ...abandoned.map((cluster) => abandonedFinding(cluster, declared.has(cluster.name))),
  ];
}

const leftFinding = (name: string, count: number): Diagnostic => ({
  severity: 'error',
  code: 'cluster-left',
  message: `cluster ${name} is no longer in mesh.yaml, but the state knows ${count} objects in it, which nobody would remove`,
  hint: `Put it back and remove it first (meshplan destroy --target '${name}/**'); where it is gone for good, pass --abandon ${name}.`,
});

const abandonedFinding = ({ name, objects }: AbandonedCluster, isDeclared: boolean): Diagnostic => ({
  severity: 'warning',
  code: 'cluster-abandoned',
  message: `cluster ${name} is abandoned: ${objects.length} objects that the state knows stay in it, and are forgotten by an apply`,
  hint: isDeclared
    ? `Take ${name} out of mesh.yaml, or the next plan makes it a part of the mesh again.`
    : 'Should it come back, its injection webhook and its istio-system are still there.',
});

/**
 * A cluster that answers is not gone: what is ours in it can be removed, and must be.
 * `clusters`: those that are abandoned and still in mesh.yaml.
 */
export async function answeringFindings(clusters: readonly Cluster[]): Promise<Diagnostic[]> {
  const answers = await Promise.all(clusters.map(doesAnswer));
  return clusters
    .filter((_, index) => answers[index])
    .map(({ name }) => ({
      severity: 'error',
      code: 'abandon-reachable',
      message: `cluster ${name} answers, so that what meshplan made in it can be removed`,
      hint: `Remove it first: meshplan destroy --target '${name}/**'.`,
    }));
}

async function doesAnswer(cluster: Cluster): Promise<boolean> {
  try {
    await cluster.request('/version');
    return true;
  } catch (error) {
    // One that takes no credentials is there, but nothing in it can be removed.
    if (error instanceof MeshplanError) return false;
    throw error;
  }
}
