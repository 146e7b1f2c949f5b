import { messageOf } from '../../errors/index.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import { type ProxiesSeen, primariesOf, type VerifyContext } from '../context.js';
import { readVersions } from '../istiod.js';
import { type CheckSpec, fail, type Outcome, pass, skip, unsettled, warn } from '../outcome.js';
import { countsOf } from '../proxies.js';
import { type ConnectedProxy, readSyncz } from '../syncz.js';

const HINTS = {
  rejected:
    'A proxy goes on with what it had and takes nothing new of this type. Look at what was changed last, EnvoyFilters first; its log tells more: kubectl logs POD -c istio-proxy.',
  lagging:
    'A proxy that acknowledges nothing is overloaded, stuck or cut off: see its log (kubectl logs POD -c istio-proxy), and restart its pod if this lasts.',
  elsewhere: (primary: string) =>
    `They follow istiod of ${primary} when their connection ends, within half an hour, or their pods are restarted.`,
};

/** How many proxies the evidence names; the table has them all. */
const NAMED = 3;

/** Per cluster: its proxies have acknowledged what istiod of its primary sent them. */
export function proxiesSynced(context: VerifyContext): CheckSpec[] {
  return context.mesh.clusters.map((cluster) => {
    const { name, primary } = cluster;
    let before: readonly ConnectedProxy[] | undefined;
    return {
      id: 'proxies-synced',
      cluster: name,
      claim: `the proxies of ${name} have what istiod of ${primary} sent them`,
      needs: [primary],
      istiod: primary,
      async run() {
        const [seen, elsewhere] = await Promise.all([
          lookAt(context, primary),
          connectedElsewhere(context, cluster),
        ]);
        // That istiod does not answer is told by the check `cluster-synced`.
        if ('unknown' in seen) return unsettled(skip(seen.unknown));
        const now = seen.connected.filter((proxy) => proxy.cluster === name);
        const outcome = judgeProxies(primary, { now, before, elsewhere });
        before = now;
        return outcome;
      },
    };
  });
}

/** The proxies of a primary's istiod, and what it runs; kept for the table. */
async function lookAt(context: VerifyContext, primary: string): Promise<ProxiesSeen> {
  return context.share(`${primary} proxies`, async () => {
    // That istiod does not say what it runs is told by another check.
    const asked = readVersions(context, primary).catch(() => []);
    const answer = await readSyncz(context, primary).then(
      (connected) => ({ connected }),
      (error: unknown) => ({ unknown: messageOf(error) }),
    );
    context.signal?.throwIfAborted();
    const istiodVersions = [...new Set((await asked).map(({ version }) => version))].sort();
    const seen = { ...answer, istiodVersions };
    context.proxies.set(primary, seen);
    return seen;
  });
}

/** Proxies of a cluster that are still with the istiod of another primary than its own. */
async function connectedElsewhere(
  context: VerifyContext,
  { name, primary }: ResolvedCluster,
): Promise<Elsewhere[]> {
  const others = primariesOf(context.mesh).filter((other) => other.name !== primary);
  const found = others.map(async (other) => {
    if (!context.probes.get(other.name)?.reachable) return [];
    const seen = await lookAt(context, other.name);
    return ('connected' in seen ? seen.connected : [])
      .filter(({ cluster }) => cluster === name)
      .map((proxy) => ({ name: proxy.name, primary: other.name }));
  });
  return (await Promise.all(found)).flat();
}

interface Elsewhere {
  name: string;
  primary: string;
}

/** What is judged: the proxies of one cluster at this look and at the one before, if there was one. */
export interface ProxyLooks {
  now: readonly ConnectedProxy[];
  before: readonly ConnectedProxy[] | undefined;
  elsewhere: readonly Elsewhere[];
}

/**
 * Judges the proxies of a cluster. One that has not acknowledged the last is behind only where it acknowledged
 * nothing since the look before: in a busy mesh something is always on its way.
 */
export function judgeProxies(primary: string, { now, before, elsewhere }: ProxyLooks): Outcome {
  const rejected = now.filter(({ status }) => status === 'rejected');
  const open = now.filter(({ status }) => status === 'stale' || status === 'not-sent');
  const behind = open.filter((proxy) => !before || isStuck(proxy, before));
  const problems = [...rejected, ...behind];
  const evidence =
    problems.length > 0 ? `${countText(now)}: ${namesOf(problems.map(describe))}` : countText(now);
  if (rejected.length > 0) return unsettled(fail(evidence, HINTS.rejected));
  if (behind.length > 0) return unsettled(warn(evidence, HINTS.lagging));
  if (elsewhere.length > 0) {
    const names = namesOf(elsewhere.map((proxy) => `${proxy.name} (${proxy.primary})`));
    return warn(
      `${evidence}; ${elsewhere.length} more with istiod of another primary: ${names}`,
      HINTS.elsewhere(primary),
    );
  }
  return pass(evidence);
}

/** Whether a proxy was as far at the look before. */
function isStuck(proxy: ConnectedProxy, before: readonly ConnectedProxy[]): boolean {
  const then = before.find(({ name }) => name === proxy.name);
  if (!then || then.status === 'synced') return false;
  if (proxy.status === 'not-sent') return then.status === 'not-sent';
  return proxy.types.some(
    ({ type }) =>
      then.types.some((earlier) => earlier.type === type) && then.acked[type] === proxy.acked[type],
  );
}

function countText(proxies: readonly ConnectedProxy[]): string {
  if (proxies.length === 0) return 'no proxy is connected';
  const { connected, synced } = countsOf(proxies);
  return `${connected} connected, ${synced === connected ? 'all' : synced} synced`;
}

function namesOf(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return [...names.slice(0, NAMED), ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}

/** `backend-1.production has not acknowledged CDS, LDS` */
function describe({ name, status, types }: ConnectedProxy): string {
  if (status === 'not-sent') return `${name} was sent nothing yet`;
  const refused = types.filter((type) => type.status === 'rejected');
  if (refused.length > 0)
    return `${name} rejected ${refused.map(({ type, error }) => `${type} (${error})`).join(', ')}`;
  return `${name} has not acknowledged ${types.map(({ type }) => type).join(', ')}`;
}
