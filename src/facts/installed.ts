import { readRemoteKubeconfig } from '../cluster/remote-kubeconfig.js';
import type { Facts, Inherited, RemoteCredentials } from '../model/facts.js';
import { addressOf, type KubeObject, refOf, secretTexts } from '../model/kube.js';
import {
  INJECTOR_WEBHOOK,
  ISTIO_NAMESPACE,
  MESH_LABEL,
  remoteSecretName,
  TAG_WEBHOOK,
  wasAdopted,
} from '../model/names.js';
import type { Adopts } from '../model/request.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import { INJECTORS, type Look, SECRETS } from './look.js';
import { targetOf } from './tag-injector.js';

/** What reading a cluster needs beyond the cluster, to tell what an installation that is there stands for. */
export interface InstalledOptions {
  /** What this run takes over; without it nothing. */
  adopts?: Adopts | undefined;
  /** Reads YAML, as istioctl writes remote secrets; without it only JSON is understood. */
  parseYaml?: ((text: string) => unknown) | undefined;
}

/** What is installed in a cluster that decides what meshplan would make of it. */
export interface Installed {
  inherited?: Inherited;
  remoteSecrets: NonNullable<Facts['remoteSecrets']>;
  /** Whether there is what serves the cluster: in a primary istiod, in a remote the injector. */
  isServed: boolean;
  /** The remotes of which a primary holds a remote secret, whoever made it. */
  joined: string[];
  /** Where istioctl's second injector sends its requests. */
  tagInjector?: string;
  /** The root (PEM) that istiod made for itself and signs with. */
  selfSigned?: string;
}

/** Reads what is installed; `hasCacerts` tells that istiod signs with a root that it was given. */
export async function readInstalled(
  mesh: ResolvedMesh,
  cluster: ResolvedCluster,
  look: Look,
  options: InstalledOptions,
  hasCacerts: boolean,
): Promise<Installed> {
  const isPrimary = cluster.role === 'primary';
  const remotes = mesh.clusters.filter((item) => item.role === 'remote' && item.primary === cluster.name);
  const [istio, tag, secrets] = await Promise.all([
    isPrimary ? look(DEPLOYMENTS, 'istiod', ISTIO_NAMESPACE) : look(INJECTORS, INJECTOR_WEBHOOK),
    look(INJECTORS, TAG_WEBHOOK),
    Promise.all(
      remotes.map(async ({ name }) => ({
        name,
        live: await look(SECRETS, remoteSecretName(name), ISTIO_NAMESPACE),
      })),
    ),
  ]);
  const selfSigned = isPrimary && istio && !hasCacerts ? await readSelfSigned(look) : undefined;
  return {
    ...(istio && isInherited(cluster.name, istio, options.adopts) ? { inherited: inheritedOf(istio) } : {}),
    remoteSecrets: Object.fromEntries(
      secrets.flatMap(({ name, live }) => readRemoteSecret(mesh, name, live, look.cluster, options)),
    ),
    isServed: istio !== undefined,
    joined: secrets.filter(({ live }) => live !== undefined).map(({ name }) => name),
    ...(tag ? { tagInjector: targetOf(tag) } : {}),
    ...(selfSigned ? { selfSigned } : {}),
  };
}

const DEPLOYMENTS = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments', namespaced: true };
const SELF_SIGNED_SECRET = 'istio-ca-secret';

function isInherited(cluster: string, live: KubeObject, adopts: Adopts | undefined): boolean {
  return wasAdopted(live) || adopts?.(addressOf(refOf(cluster, live)), live) === true;
}

interface PodSpec {
  containers?: { env?: { name: string }[] }[];
  topologySpreadConstraints?: unknown[];
}

function inheritedOf({ spec }: KubeObject): Inherited {
  const pods = (spec as { template?: { spec?: PodSpec } } | undefined)?.template?.spec ?? {};
  const variables = pods.containers?.flatMap((container) => container.env ?? []) ?? [];
  return {
    multiRoot: variables.some(({ name }) => name === 'ISTIO_MULTIROOT_MESH'),
    spread: (pods.topologySpreadConstraints ?? []).length > 0,
  };
}

function readRemoteSecret(
  mesh: ResolvedMesh,
  remote: string,
  live: KubeObject | undefined,
  primary: string,
  { adopts, parseYaml }: InstalledOptions,
): [string, { data: string; credentials: RemoteCredentials }][] {
  const data = (live?.data as Record<string, string> | undefined)?.[remote];
  if (!live || data === undefined) return [];
  const isOurs = live.metadata.labels?.[MESH_LABEL] === mesh.name;
  if (!isOurs && !adopts?.(addressOf(refOf(primary, live)), live)) return [];
  const found = readRemoteKubeconfig(remote, Buffer.from(data, 'base64').toString('utf8'), parseYaml);
  return 'credentials' in found ? [[remote, { data, credentials: found.credentials }]] : [];
}

/** istiod keeps its own root in this Secret as long as it is given no other. */
async function readSelfSigned(look: Look): Promise<string | undefined> {
  const secret = await look(SECRETS, SELF_SIGNED_SECRET, ISTIO_NAMESPACE);
  const texts = secretTexts(secret);
  return texts['root-cert.pem'] || texts['ca-cert.pem'] || undefined;
}
