import { authorOf } from '../diff/ownership.js';
import type { DriftEntry, DriftRule } from '../model/drift.js';
import { KIALI_ACCOUNT, kialiSecretName, kialiView } from '../model/kiali.js';
import { addressOf, type KubeObject, refOf, secretTexts } from '../model/kube.js';
import { FIELD_MANAGER, ISTIO_NAMESPACE, remoteSecretName } from '../model/names.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import { signed } from '../plan/drift.js';
import { type DriftInput, liveAt } from './input.js';

/** A token that ends within so many days is told of. */
const TOKEN_HORIZON_DAYS = 30;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What istiod of the primaries was given to reach clusters, and whether it does; and what Kiali was given. */
export function federationDrift(input: DriftInput): DriftEntry[] {
  const remotes = input.mesh.clusters.filter((cluster) => cluster.role === 'remote');
  return [
    ...remotes.flatMap((remote) => tokenDrift(input, ofIstiod(input, remote))),
    ...ofKiali(input).flatMap((grant) => tokenDrift(input, grant)),
    ...orphanedSecrets(input),
    ...unsynced(input),
    ...endedIstiods(input),
  ];
}

/** By which a program in one cluster reads another: the token there, and the kubeconfig here that holds it. */
interface Grant {
  cluster: string;
  token: KubeObject | undefined;
  home: string;
  secret: KubeObject | undefined;
  reader: string;
}

function ofIstiod({ meaning }: DriftInput, { name, primary }: ResolvedCluster): Grant {
  const secrets = meaning.clusters.get(primary)?.remoteSecrets ?? [];
  return {
    cluster: name,
    token: meaning.clusters.get(name)?.token,
    home: primary,
    secret: secrets.find(({ metadata }) => metadata.name === remoteSecretName(name)),
    reader: 'istiod',
  };
}

function ofKiali(input: DriftInput): Grant[] {
  const view = kialiView(input.mesh);
  if (!view) return [];
  const { home, namespace } = view;
  const secretIn = (cluster: string, name: string) =>
    liveAt(input, `${cluster}/v1/Secret/${namespace}/${name}`);
  return view.others.map(({ name }) => ({
    cluster: name,
    token: secretIn(name, KIALI_ACCOUNT),
    home,
    secret: secretIn(home, kialiSecretName(name)),
    reader: 'Kiali',
  }));
}

const entry = (
  cluster: string,
  object: KubeObject,
  rule: DriftRule,
  message: string,
  owner = authorOf(object),
): DriftEntry => ({
  address: addressOf(refOf(cluster, object)),
  lens: 'meaning',
  rule,
  patch: [],
  ...signed(owner),
  message,
});

function tokenDrift(input: DriftInput, grant: Grant): DriftEntry[] {
  const { cluster, token: live, home, secret, reader } = grant;
  const given = secretTexts(secret)[cluster];
  const { token } = secretTexts(live) as { token?: string };
  const entries: DriftEntry[] = [];
  if (live && token) entries.push(...ending(input, entry(cluster, live, 'token-ends', ''), token, reader));
  // The text of a kubeconfig has its token as it is, in JSON as in YAML.
  if (!secret || given === undefined) return entries;
  entries.push(...ending(input, entry(home, secret, 'token-ends', ''), given, reader));
  if (live && token && !given.includes(token)) {
    const message = `it holds another token than Secret ${live.metadata.name} of ${cluster} has now, so ${reader} may be refused there. An apply renews it.`;
    // Who rotated it wrote to the token, not to this Secret; if nobody did, its controller filled it anew.
    const owner = authorOf(live, (manager) => manager !== FIELD_MANAGER);
    entries.push(entry(home, secret, 'token-rotated', message, owner));
  }
  return entries;
}

/** Three parts of base64url, the first of which begins with `{"`. */
const JWT = /eyJ[\w-]+\.([\w-]+)\.[\w-]+/;

/** When a token in a text ends (milliseconds since 1970); undefined for one that does not, or is no JWT. */
export function endOfToken(text: string): number | undefined {
  const [, payload] = JWT.exec(text) ?? [];
  if (!payload) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

function ending({ now }: DriftInput, base: DriftEntry, text: string, reader: string): DriftEntry[] {
  const end = endOfToken(text);
  if (end === undefined || end > now.getTime() + TOKEN_HORIZON_DAYS * DAY_MS) return [];
  const verb = end <= now.getTime() ? 'ended' : 'ends';
  const time = new Date(end).toISOString();
  return [{ ...base, message: `the token in it ${verb} at ${time}; ${reader} loses the cluster without it` }];
}

/** Remote secrets for clusters that mesh.yaml does not have: istiod goes on reading them. */
function orphanedSecrets({ mesh, meaning }: DriftInput): DriftEntry[] {
  const names = new Set(mesh.clusters.map((cluster) => cluster.name));
  return [...meaning.clusters].flatMap(([primary, { remoteSecrets }]) =>
    remoteSecrets.flatMap((secret) => {
      const strangers = Object.keys((secret.data ?? {}) as object).filter((key) => !names.has(key));
      if (strangers.length === 0) return [];
      const message = `istiod of ${primary} reads ${strangers.join(', ')} by it, and mesh.yaml has no such cluster`;
      return [entry(primary, secret, 'orphaned-secret', message)];
    }),
  );
}

/** Clusters that istiod was given and does not read; what is not there at all is another entry already. */
function unsynced(input: DriftInput): DriftEntry[] {
  return input.sync.flatMap(({ cluster, primary, status, evidence }) => {
    const given = cluster === primary ? istiodOf(primary) : remoteSecretOf(primary, cluster);
    if (status !== 'not-synced' || !liveAt(input, given)) return [];
    const message = `istiod of ${primary} has not read ${cluster}: ${evidence}`;
    return [{ address: given, lens: 'meaning', rule: 'not-synced', patch: [], message }];
  });
}

/** Primaries without a ready istiod: one cause, however many clusters it should have read. */
function endedIstiods(input: DriftInput): DriftEntry[] {
  const ended = input.sync.filter(({ status }) => status === 'no-istiod');
  return [...new Set(ended.map(({ primary }) => primary))].flatMap((primary) => {
    const address = istiodOf(primary);
    if (!liveAt(input, address)) return [];
    const served = ended.filter((item) => item.primary === primary).map(({ cluster }) => cluster);
    const message = `no istiod pod of ${primary} is ready: ${served.join(', ')} get no configuration, and new pods there are refused`;
    return [{ address, lens: 'meaning', rule: 'istiod-down', patch: [], message }];
  });
}

const istiodOf = (primary: string) => `${primary}/apps/v1/Deployment/${ISTIO_NAMESPACE}/istiod`;
const remoteSecretOf = (primary: string, remote: string) =>
  `${primary}/v1/Secret/${ISTIO_NAMESPACE}/${remoteSecretName(remote)}`;
