import type { DesiredObject } from '../model/action.js';
import type { ReaderToken } from '../model/facts.js';
import { latestFence } from '../model/fences.js';
import { namespaced } from '../model/names.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';

/** A Secret that the token controller fills with a token of the account; it does not end. */
export function tokenSecret(
  mesh: ResolvedMesh,
  cluster: string,
  { namespace, name }: { namespace: string; name: string },
  account: string,
): DesiredObject {
  const fence = latestFence(mesh);
  const object = namespaced('v1', 'Secret', namespace, name, { type: 'kubernetes.io/service-account-token' });
  object.metadata.annotations = { 'kubernetes.io/service-account.name': account };
  return { cluster, object, ...(fence ? { madeSince: fence.since } : {}) };
}

/**
 * A kubeconfig with inline data and a token only, as istiod and Kiali take it, base64. JSON is YAML, and has one way
 * to be written.
 */
export function encodedKubeconfig(name: string, server: string, { ca, token }: ReaderToken): string {
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  };
  return Buffer.from(`${JSON.stringify(document)}\n`).toString('base64');
}
