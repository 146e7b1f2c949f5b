import type { Diagnostic } from '../model/diagnostic.js';
import type { Facts } from '../model/facts.js';
import type { ResolvedCluster, ResolvedMesh } from '../model/resolved-mesh.js';
import type { TrustPort } from './trust.js';

/**
 * Primaries whose istiod signs with a root that it made for itself. A Secret `cacerts` of another root would
 * replace it at istiod's next start, and split the workloads of before from those of after.
 */
export function selfSignedFindings(
  mesh: ResolvedMesh,
  root: Facts['root'],
  selfSigned: ReadonlyMap<string, string | undefined>,
  port: TrustPort,
): Diagnostic[] {
  // With `secret` meshplan makes no authority at all, and asks for the Secret.
  if (mesh.trust.source === 'secret') return [];
  return mesh.clusters.flatMap((cluster) => {
    const certPem = selfSigned.get(cluster.name);
    return certPem === undefined || isSame(certPem, root, port) ? [] : [finding(cluster)];
  });
}

function isSame(certPem: string, root: Facts['root'], port: TrustPort): boolean {
  try {
    return root !== undefined && port.fingerprint(certPem) === root.fingerprint;
  } catch {
    return false;
  }
}

function finding({ name, context, source }: ResolvedCluster): Diagnostic {
  const read = (file: string) =>
    `kubectl --context ${context} -n istio-system get secret istio-ca-secret -o jsonpath='{.data.${file}\\.pem}' | base64 -d`;
  return {
    severity: 'error',
    code: 'self-signed-root',
    message: `cluster ${name}: istiod signs with a root of its own making (Secret istio-ca-secret), and mesh.yaml would replace it: workloads that run would no longer trust those that start later (mtls-risk)`,
    hint: `Keep that root: write it to files (${read('ca-cert')} > root-cert.pem; the same with ca-key > root-key.pem, readable by you alone) and name them in trust.ca with source: files. Or make Secrets cacerts from it and set source: secret. If its trust may be lost, delete Secret istio-ca-secret.`,
    ...source,
  };
}
