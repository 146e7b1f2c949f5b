import type { DesiredAction } from '../model/action.js';
import { MESH_WIDE } from '../model/action.js';
import type { Facts } from '../model/facts.js';
import { actionId, CACERTS_SECRET, ISTIO_NAMESPACE, namespaced, ROOT_CA_ACTION } from '../model/names.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import { Unknown } from '../model/unknown.js';

const CACERTS_FILES = ['ca-cert.pem', 'ca-key.pem', 'root-cert.pem', 'cert-chain.pem'] as const;

/**
 * One root for the mesh and an intermediate per cluster, as Istio's plug-in CA wants them. With
 * `source: secret` the user brings the Secrets and meshplan only checks them.
 */
export function trustActions(mesh: ResolvedMesh, facts: Facts): DesiredAction[] {
  if (mesh.trust.source === 'secret') return [];
  const holders = mesh.clusters.filter((cluster) => cluster.role === 'primary' || mesh.trust.remoteKeys);
  return [rootAction(facts), ...holders.map((cluster) => intermediateAction(facts, cluster))];
}

function rootAction(facts: Facts): DesiredAction {
  return {
    id: ROOT_CA_ACTION,
    kind: 'root-ca',
    cluster: MESH_WIDE,
    after: [],
    purpose: 'one root certificate for the whole mesh',
    objects: [],
    ...(facts.root ? {} : { effect: { type: 'ensure-root' } }),
    waits: [],
  } satisfies DesiredAction;
}

function intermediateAction(facts: Facts, cluster: ResolvedCluster): DesiredAction {
  const known = facts.cacerts[cluster.name];
  const id = actionId.trust(cluster.name);
  const value = (file: (typeof CACERTS_FILES)[number]) =>
    known
      ? Buffer.from(known[file]).toString('base64')
      : new Unknown(id, `new intermediate of ${cluster.name}`);
  const secret = namespaced('v1', 'Secret', ISTIO_NAMESPACE, CACERTS_SECRET, {
    type: 'Opaque',
    data: Object.fromEntries(CACERTS_FILES.map((file) => [file, value(file)])),
  });
  return {
    id,
    kind: 'trust',
    cluster: cluster.name,
    after: [ROOT_CA_ACTION, actionId.namespace(cluster.name, ISTIO_NAMESPACE)],
    purpose:
      cluster.role === 'primary'
        ? "intermediate certificate authority of this cluster's istiod"
        : 'intermediate certificate authority for a later promotion; unused while the cluster is a remote',
    objects: [{ cluster: cluster.name, object: secret }],
    ...(known ? {} : { effect: { type: 'issue-intermediate', cluster: cluster.name } }),
    waits: [],
  } satisfies DesiredAction;
}
