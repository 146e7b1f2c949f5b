import { getObject } from '../cluster/read.js';
import { readRemoteKubeconfig } from '../cluster/remote-kubeconfig.js';
import type { Facts, Inherited, RemoteCredentials } from '../model/facts.js';
import { addressOf, type Cluster, type KubeObject, refOf } from '../model/kube.js';
import {
  INJECTOR_WEBHOOK,
  ISTIO_NAMESPACE,
  MESH_LABEL,
  remoteSecretName,
  wasAdopted,
} from '../model/names.js';
import type { Adopts } from '../model/request.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';

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
  /** The root (PEM) that istiod made for itself and signs with. */
  selfSigned?: string;
}

/** Reads what is installed; `hasCacerts` tells that istiod signs with a root that it was given. */
export async function readInstalled(
  mesh: ResolvedMesh,
  cluster: ResolvedCluster,
  api: Cluster,
  options: InstalledOptions,
  hasCacerts: boolean,
): Promise<Installed> {
  const isPrimary = cluster.role === 'primary';
  const remotes = mesh.clusters.filter((item) => item.role === 'remote' && item.primary === cluster.name);
  const [istio, secrets] = await Promise.all([
    getObject(api, isPrimary ? ISTIOD : INJECTOR),
    Promise.all(remotes.map(({ name }) => readRemoteSecret(mesh, name, api, options))),
  ]);
  const selfSigned = isPrimary && istio && !hasCacerts ? await readSelfSigned(api) : undefined;
  return {
    ...(istio && isInherited(cluster.name, istio, options.adopts) ? { inherited: inheritedOf(istio) } : {}),
    remoteSecrets: Object.fromEntries(secrets.filter((item) => item !== undefined)),
    ...(selfSigned ? { selfSigned } : {}),
  };
}

const ISTIOD = `/apis/apps/v1/namespaces/${ISTIO_NAMESPACE}/deployments/istiod`;
const INJECTOR = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${INJECTOR_WEBHOOK}`;
const SELF_SIGNED_SECRET = 'istio-ca-secret';
const secretPath = (name: string) => `/api/v1/namespaces/${ISTIO_NAMESPACE}/secrets/${name}`;

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

async function readRemoteSecret(
  mesh: ResolvedMesh,
  remote: string,
  api: Cluster,
  { adopts, parseYaml }: InstalledOptions,
): Promise<[string, { data: string; credentials: RemoteCredentials }] | undefined> {
  const live = await getObject(api, secretPath(remoteSecretName(remote)));
  const data = (live?.data as Record<string, string> | undefined)?.[remote];
  if (!live || data === undefined) return undefined;
  const isOurs = live.metadata.labels?.[MESH_LABEL] === mesh.name;
  if (!isOurs && !adopts?.(addressOf(refOf(api.name, live)), live)) return undefined;
  const found = readRemoteKubeconfig(remote, Buffer.from(data, 'base64').toString('utf8'), parseYaml);
  return 'credentials' in found ? [remote, { data, credentials: found.credentials }] : undefined;
}

/** istiod keeps its own root in this Secret as long as it is given no other. */
async function readSelfSigned(api: Cluster): Promise<string | undefined> {
  const secret = await getObject(api, secretPath(SELF_SIGNED_SECRET));
  const data = (secret?.data ?? {}) as Record<string, string>;
  const encoded = data['root-cert.pem'] || data['ca-cert.pem'];
  return encoded ? Buffer.from(encoded, 'base64').toString('utf8') : undefined;
}
