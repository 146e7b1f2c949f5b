import { signOf } from '../cluster/alive.js';
import { getObject, listObjects } from '../cluster/read.js';
import { readRemoteKubeconfig } from '../cluster/remote-kubeconfig.js';
import { orUnread } from '../cluster/unread.js';
import type { Cluster, KubeObject, Unread } from '../model/kube.js';
import { secretTexts } from '../model/kube.js';
import { ISTIO_NAMESPACE, READER_TOKEN_SECRET } from '../model/names.js';

/** Whether what a lost primary holds of another cluster still opens that one. */
export type HeldToken = 'works' | 'ended' | 'unknown';

/** What a fenced cluster is now that it answers again. */
export interface FencedReading {
  cluster: string;
  /** Its Deployment istiod, where there is one. */
  istiod?: KubeObject;
  /** The clusters that it was given, by the names that its remote secrets have for them. */
  held: { remote: string; token: HeldToken }[];
  /** What it does not show, in words. */
  unread: string[];
}

/** One that does not answer at once is away. */
const LIMIT_MS = 5_000;

const SECRETS = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true, verbs: [] };
const ISTIOD = `/apis/apps/v1/namespaces/${ISTIO_NAMESPACE}/deployments/istiod`;
const READER_TOKEN = `/api/v1/namespaces/${ISTIO_NAMESPACE}/secrets/${READER_TOKEN_SECRET}`;

/**
 * Looks at fenced clusters: those that answer are back. `others` are the clusters of the mesh, by which it is told
 * whether tokens still work: they are compared, not used.
 */
export async function observeFenced(
  fenced: ReadonlyMap<string, Cluster | undefined>,
  others: ReadonlyMap<string, Cluster>,
  parseYaml: (text: string) => unknown,
): Promise<FencedReading[]> {
  const readings = await Promise.all(
    [...fenced].map(async ([name, cluster]) => {
      if (!cluster || 'silence' in (await signOf(cluster, LIMIT_MS))) return undefined;
      return readFenced(name, cluster, others, parseYaml);
    }),
  );
  return readings.filter((reading) => reading !== undefined);
}

async function readFenced(
  name: string,
  cluster: Cluster,
  others: ReadonlyMap<string, Cluster>,
  parseYaml: (text: string) => unknown,
): Promise<FencedReading> {
  const unread: Unread[] = [];
  const what = (apiVersion: string, kind: string) => ({ cluster: name, apiVersion, kind });
  const [istiod, secrets] = await Promise.all([
    orUnread(what('apps/v1', 'Deployment'), unread, () => getObject(cluster, ISTIOD)),
    orUnread(what('v1', 'Secret'), unread, () =>
      listObjects(cluster, SECRETS, { namespace: ISTIO_NAMESPACE, labelSelector: 'istio/multiCluster=true' }),
    ),
  ]);
  const texts = (secrets ?? []).flatMap((secret) => Object.entries(secretTexts(secret)));
  const held = await Promise.all(
    texts.map(async ([remote, text]) => {
      const read = readRemoteKubeconfig(remote, text, parseYaml);
      const token = 'credentials' in read ? read.credentials.token : undefined;
      return { remote, token: await tokenNow(others.get(remote), token) };
    }),
  );
  return {
    cluster: name,
    ...(istiod ? { istiod } : {}),
    held,
    unread: unread.map(({ message }) => message),
  };
}

/** A token works as long as the Secret is there that it was made for. */
async function tokenNow(remote: Cluster | undefined, token: string | undefined): Promise<HeldToken> {
  if (!remote || token === undefined) return 'unknown';
  try {
    const secret = await getObject(remote, READER_TOKEN);
    return secretTexts(secret).token === token ? 'works' : 'ended';
  } catch {
    return 'unknown';
  }
}
