import { type Sign, signOf } from '../../cluster/alive.js';
import { MeshplanError } from '../../errors/index.js';
import type { Promotion } from '../../model/promotion.js';
import type { ResolvedCluster, ResolvedMesh } from '../../model/resolved-mesh.js';
import { fenceMoment } from '../../plan/promotion.js';
import { connectAll } from '../wiring.js';
import type { PromoteFlags } from './promote.js';

/**
 * Whether the old primary takes part, and why.
 * @throws MeshplanError `promote-unreachable`: of nothing that answers it cannot be told who is lost.
 */
export async function wayOf(
  { clusters }: ResolvedMesh,
  primary: ResolvedCluster,
  { cluster, fence, kubeconfig }: Pick<PromoteFlags, 'cluster' | 'fence' | 'kubeconfig'>,
): Promise<Pick<Promotion, 'way' | 'because' | 'since'>> {
  const now = Date.now();
  const others = clusters.filter(({ name }) => name !== primary.name);
  const [stay, sign] = await Promise.all([
    signsOf(others, kubeconfig),
    fence ? undefined : signOfPrimary(primary, kubeconfig),
  ]);
  const own = stay.get(cluster);
  if (own && 'silence' in own) throw unreachable(cluster, own.silence);
  const clocks = [...stay.values()].flatMap((one) => ('clock' in one ? (one.clock ?? []) : []));
  const since = fenceMoment(now, clocks);
  if (!sign) return { way: 'failover', because: '--fence was given, and it was not asked', since };
  if (!('silence' in sign)) return { way: 'switchover', because: 'it answers' };
  const silence = sign.silence.replace(`${primary.name}: `, '');
  return { way: 'failover', because: `it does not answer (${silence})`, since };
}

async function signsOf(
  clusters: readonly ResolvedCluster[],
  kubeconfig: string | undefined,
): Promise<Map<string, Sign>> {
  const connections = await connectAll(clusters, kubeconfig);
  const found = [...connections].map(async ([name, { cluster }]): Promise<[string, Sign]> => {
    const sign = await signOf(cluster);
    cluster.close();
    return [name, sign];
  });
  return new Map(await Promise.all(found));
}

async function signOfPrimary(
  primary: ResolvedCluster,
  kubeconfig: string | undefined,
): Promise<Sign | undefined> {
  const signs = await signsOf([primary], kubeconfig).catch((error: unknown) => {
    throw error instanceof MeshplanError ? unaskable(error, primary.name) : error;
  });
  return signs.get(primary.name);
}

const unreachable = (cluster: string, silence: string) =>
  new MeshplanError('promote-unreachable', `${cluster} cannot become the primary: ${silence}`, {
    hint: 'Nothing was changed. Mind whether this machine reaches any of the clusters; else promote another.',
  });

const unaskable = ({ code, message, hint, exitCode }: MeshplanError, primary: string) =>
  new MeshplanError(code, message, {
    hint: `${hint ?? ''} Or pass --fence, where ${primary} is known to be lost.`.trim(),
    exitCode,
  });
