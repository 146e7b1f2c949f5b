import { join } from 'node:path';
import envPaths from 'env-paths';
import type { LoadedMesh } from '../config/index.js';
import { withoutAbandoned } from '../engine/abandon.js';
import type { Context } from '../engine/context.js';
import {
  type Istioctl,
  istioctlCandidates,
  noIstioctl,
  openIstioctl,
  openRenderCache,
  satisfies,
} from '../istioctl/index.js';
import type { ClusterConnection } from '../kube/kubeconfig.js';
import { kustomizeBy } from '../kustomize/index.js';
import { forgettingOf } from '../model/abandoned.js';
import type { Analyze } from '../model/analysis.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Cluster } from '../model/kube.js';
import type { PlanRequest } from '../model/request.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import type { MeshState, ObjectPhase } from '../model/state.js';
import { openState, runningHolder, type StateFile } from '../state/index.js';
import { analysisBy, connectRequest } from './analysis.js';
import type { ClusterFlags, PlanningFlags } from './flags.js';
import { overlaysOf, requestOf, stateFileOf } from './flags.js';
import { clustersElsewhere } from './other-environments.js';
import { isLive, printNote } from './output.js';
import { openTrust } from './trust.js';

/** Everything that a command on clusters works with. */
export interface Wired {
  loaded: LoadedMesh;
  mesh: ResolvedMesh;
  context: Context;
  connections: Map<string, ClusterConnection>;
  /** Istio's own analyzers, over a primary and its remotes. */
  analyze: Analyze;
  /** The version of the istioctl that renders. */
  istioctl: string;
  state: StateFile;
  close(): void;
}

/**
 * Reads the mesh file alone; no cluster is touched. What clusters may prove wrong stops nothing here: a survey that
 * comes next judges it, and what needs no survey does not depend on it. Only where the file itself is in question
 * is it final, without `clustersFollow`. `text`: what the file is to say, in the place of what it says.
 */
export async function loadDeclaration(
  { strict, env, ...flags }: Pick<ClusterFlags, 'file' | 'overlay' | 'env' | 'strict'>,
  clustersFollow = true,
  text?: string,
): Promise<LoadedMesh> {
  const { loadMesh } = await import('../config/index.js');
  const kustomize = kustomizeBy({ path: process.env.PATH, cached: cachedBinary('kubectl') });
  return loadMesh(flags.file, {
    overlays: overlaysOf(flags),
    ...(env === undefined ? {} : { environment: env }),
    strict,
    clustersFollow,
    kustomize,
    ...(text === undefined ? {} : { text }),
  });
}

/** A program that the lab has brought. */
const cachedBinary = (name: 'istioctl' | 'kubectl') => async () =>
  (await import('../lab/binaries/index.js')).findCachedBinary(name);

/** Which mesh is meant; what a plan is asked beyond that may be left out. */
export type WireFlags = Pick<ClusterFlags, 'file' | 'overlay' | 'strict'> & Partial<PlanningFlags>;

/**
 * Opens all adapters for a command: configuration, state, istioctl, clusters. Whatever is wrong with the
 * input shows here, before anything is touched.
 */
export async function wire(
  flags: WireFlags,
  declaration?: LoadedMesh,
  request: PlanRequest = requestOf(flags),
): Promise<Wired> {
  const loaded = declaration ?? (await loadDeclaration(flags));
  const { mesh: whole } = loaded;
  const [running, state, istioctl, elsewhere] = await Promise.all([
    runningHolder(stateFileOf(flags)),
    openState(stateFileOf(flags), whole.name),
    findIstioctl(whole.istio.version, flags.istioctl),
    clustersElsewhere(loaded.file, whole.environment),
  ]);
  const { abandon = [] } = request;
  const mesh = withoutAbandoned(whole, abandon, (name) => forgettingOf(name, state.state).length > 0);
  const connections = await connectAll(mesh.clusters, flags.kubeconfig);
  const gone = [...whole.clusters, ...whole.fenced].filter(({ name }) => abandon.includes(name));
  const givenUp = await connectEach(gone, flags.kubeconfig);
  const fenced = await connectEach(mesh.fenced, flags.kubeconfig);
  const { loadYaml } = await import('../kube/yaml.js');
  // A terminal would stay silent until all of them have answered.
  if (isLive() && !flags.quiet) printNote(`Reading ${[...connections.keys()].join(', ')}.`);
  const clusters = new Map([...connections].map(([name, connection]) => [name, connection.cluster] as const));
  return {
    loaded,
    mesh,
    connections,
    analyze: analysisBy(istioctl.path, mesh.clusters, connections, flags.kubeconfig),
    istioctl: istioctl.version,
    state,
    context: {
      mesh,
      access: connections,
      clusters,
      parseYaml: loadYaml,
      render: (operator) => istioctl.render(operator),
      checks: {
        againstCrd: async (crd, object) => (await import('../config/index.js')).misfitsOf(crd, object),
        istio: (objects) => istioctl.validate(objects),
      },
      trust: openTrust(mesh, loaded.folder),
      ...recollectionOf(state.state),
      elsewhere,
      givenUp,
      fenced,
      request,
      // What a run that goes on has begun is not interrupted.
      interrupted: running ? [] : state.interrupted,
      lint: { found: loaded.found, now: new Date(), isStrict: flags.strict },
      diagnostics: running ? [runInProgress(running)] : [],
    },
    close: () => {
      for (const cluster of [...clusters.values(), ...givenUp.values(), ...fenced.values()]) cluster?.close();
    },
  };
}

/** What earlier runs have written down. */
const recollectionOf = ({
  objects,
  clusters,
}: MeshState): Pick<Context, 'known' | 'leaving' | 'begun' | 'identities'> => ({
  known: new Map(Object.entries(objects).map(([address, { uid }]) => [address, uid])),
  leaving: inPhase(objects, 'deleting'),
  begun: inPhase(objects, 'applying'),
  identities: Object.fromEntries(Object.entries(clusters).map(([name, { uid }]) => [name, uid])),
});

const inPhase = (objects: MeshState['objects'], phase: ObjectPhase) =>
  new Set(Object.entries(objects).flatMap(([address, object]) => (object.phase === phase ? [address] : [])));

const runInProgress = (holder: string): Diagnostic => ({
  severity: 'warning',
  code: 'run-in-progress',
  message: `${holder} changes this mesh now, so what it does shows here half done`,
  hint: 'Plan again when it has ended.',
});

/** Clusters that can still be asked whether they are there; their contexts may be gone as well. */
async function connectEach(
  clusters: readonly ResolvedCluster[],
  kubeconfig: string | undefined,
): Promise<Map<string, Cluster | undefined>> {
  const found = await Promise.all(
    clusters.map(async (cluster) => {
      const connected = await connectAll([cluster], kubeconfig).catch(() => undefined);
      return [cluster.name, connected?.get(cluster.name)?.cluster] as const;
    }),
  );
  return new Map(found);
}

export async function connectAll(
  clusters: readonly ResolvedCluster[],
  kubeconfig: string | undefined,
): Promise<Map<string, ClusterConnection>> {
  const { connectClusters } = await import('../kube/kubeconfig.js');
  return connectClusters(clusters.map(connectRequest), kubeconfig);
}

/** The first istioctl that fits the declared version. */
async function findIstioctl(wanted: string, named: string | undefined): Promise<Istioctl> {
  const tried: { path: string; version: string }[] = [];
  for await (const istioctl of istioctls(named)) {
    if (satisfies(istioctl.version, wanted)) return istioctl;
    tried.push(istioctl);
  }
  throw noIstioctl(wanted, tried);
}

/** Every istioctl at hand, in the order in which they are taken. */
export async function* istioctls(named: string | undefined): AsyncGenerator<Istioctl> {
  const folder = process.env.MESHPLAN_CACHE_DIR ?? envPaths('meshplan', { suffix: '' }).cache;
  const cache = openRenderCache(join(folder, 'render'));
  const candidates = await istioctlCandidates({
    named: named ?? process.env.MESHPLAN_ISTIOCTL,
    path: process.env.PATH,
    cached: cachedBinary('istioctl'),
  });
  for (const path of candidates) yield openIstioctl(path, cache);
}
