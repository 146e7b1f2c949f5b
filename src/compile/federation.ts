import type { DesiredAction } from '../model/action.js';
import type { Facts, RemoteCredentials } from '../model/facts.js';
import {
  actionId,
  ISTIO_NAMESPACE,
  namespaced,
  READER_ACCOUNT,
  READER_TOKEN_SECRET,
  remoteSecretName,
} from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import { Unknown } from '../model/unknown.js';
import { encodedKubeconfig, tokenSecret } from './credentials.js';
import { isMoving, movedBefore } from './moves.js';

/** The Secret whose token istiod reads a remote by. */
const TOKEN = { namespace: ISTIO_NAMESPACE, name: READER_TOKEN_SECRET };

/** istiod's credentials in a remote, and the Secret by which the primary learns of the remote. */
export function federationActions(
  mesh: ResolvedMesh,
  facts: Facts,
  remote: ResolvedCluster,
): DesiredAction[] {
  return [tokenAction(mesh, facts, remote), secretAction(mesh, facts, remote)];
}

function tokenAction(mesh: ResolvedMesh, facts: Facts, remote: ResolvedCluster): DesiredAction {
  return {
    id: actionId.readerToken(remote.name),
    kind: 'reader-token',
    cluster: remote.name,
    // After the data plane: only its charts give the reader role the rights on webhooks that istiod
    // needs (`istiodRemote.enabled`), and they bring the ServiceAccount. Where one moves both are there.
    after: isMoving(facts, remote) ? [] : [actionId.dataPlane(remote.name)],
    purpose: `credentials by which istiod in ${remote.primary} reads this cluster`,
    objects: [tokenSecret(mesh, remote.name, TOKEN, READER_ACCOUNT)],
    ...(facts.readerTokens[remote.name]
      ? {}
      : { effect: { type: 'await-token', cluster: remote.name, reader: 'istiod', secret: TOKEN } }),
    waits: [],
  } satisfies DesiredAction;
}

function secretAction(mesh: ResolvedMesh, facts: Facts, remote: ResolvedCluster): DesiredAction {
  const kubeconfig = remoteKubeconfig(facts, remote);
  const secret = namespaced('v1', 'Secret', ISTIO_NAMESPACE, remoteSecretName(remote.name), {
    type: 'Opaque',
    data: { [remote.name]: kubeconfig },
  });
  secret.metadata.labels = { 'istio/multiCluster': 'true' };
  secret.metadata.annotations = { 'networking.istio.io/cluster': remote.name };
  const before = movedBefore(mesh, facts, remote);
  const injected = mesh.namespaces.filter((item) => item.injection && item.clusters.includes(remote.name));
  return {
    id: actionId.federate(remote.primary, remote.name),
    kind: 'federation',
    cluster: remote.primary,
    after: [
      actionId.controlPlane(remote.primary),
      actionId.namespace(remote.name, ISTIO_NAMESPACE),
      actionId.readerToken(remote.name),
      ...injected.map((item) => actionId.namespace(remote.name, item.name)),
      ...(before ? [actionId.dataPlane(before.name)] : []),
    ],
    purpose: `lets istiod discover services and lead in ${remote.name}`,
    objects: [{ cluster: remote.primary, object: secret }],
    waits: [
      { type: 'injector-trusted', cluster: remote.name },
      ...injected.map((item) => ({
        type: 'root-distributed' as const,
        cluster: remote.name,
        namespace: item.name,
      })),
    ],
  };
}

function meansTheSame(
  live: RemoteCredentials,
  wanted: { server: string; ca: string; token: string },
): boolean {
  return (
    new URL(live.server).href === new URL(wanted.server).href &&
    live.ca.trim() === wanted.ca.trim() &&
    live.token === wanted.token
  );
}

/**
 * The kubeconfig inside a remote secret, base64. What `istioctl create-remote-secret` wrote in another way stays as
 * it is where it says the same.
 */
function remoteKubeconfig(facts: Facts, remote: ResolvedCluster): string | Unknown {
  const credentials = facts.readerTokens[remote.name];
  const cluster = facts.clusters[remote.name];
  if (!credentials || !cluster) {
    return new Unknown(actionId.readerToken(remote.name), `token of ${remote.name}`);
  }
  const kept = facts.remoteSecrets?.[remote.name];
  const server = remote.apiServer ?? cluster.server;
  if (kept && meansTheSame(kept.credentials, { server, ...credentials })) return kept.data;
  return encodedKubeconfig(remote.name, server, credentials);
}
