import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';

/** Istio Helm values that follow from the rest of mesh.yaml, each with the place that decides it. */
const derivedValues: Record<string, string> = {
  'global.meshID': 'metadata.name decides it',
  'global.network': 'clusters[].network decides it',
  'global.multiCluster.clusterName': 'clusters[].name decides it',
  'global.externalIstiod': 'clusters[].role decides it',
  'global.configCluster': 'clusters[].role decides it',
  'global.remotePilotAddress': 'controlPlane.exposure decides it',
  'global.istioNamespace': 'it is always istio-system',
  'global.hub': 'write spec.istio.hub',
  'global.tag': 'write spec.istio.tag',
  'global.trustDomain': 'write spec.trust.domain',
  'istiodRemote.enabled': 'clusters[].role decides it',
  'istiodRemote.injectionURL': 'controlPlane.exposure decides it',
  'istiodRemote.injectionPath': 'clusters[].name and clusters[].network decide it',
  'pilot.autoscaleMin': 'write controlPlane.replicas',
  'pilot.replicaCount': 'write controlPlane.replicas',
  'pilot.resources': 'write controlPlane.resources',
  'pilot.hub': 'write spec.istio.hub',
  'pilot.tag': 'write spec.istio.tag',
  'pilot.env.ISTIOD_CUSTOM_HOST': 'controlPlane.exposure decides it',
  'pilot.env.EXTERNAL_ISTIOD': 'clusters[].role decides it',
  'pilot.env.ISTIO_MULTIROOT_MESH': 'it is always on, so that the root can be renewed',
  'pilot.env.CLUSTER_ID': 'clusters[].name decides it',
  'pilot.env.REVISION': 'meshplan installs the default revision',
  revision: 'meshplan installs the default revision',
  revisionTags: 'meshplan installs the default revision',
  profile: 'clusters[].role decides it',
  meshConfig: 'write spec.istio.meshConfig',
};

const derivedMeshConfig: Record<string, string> = {
  trustDomain: 'write spec.trust.domain',
  'defaultConfig.meshId': 'metadata.name decides it',
};

/** Reports Helm values at `path` that meshplan derives itself. */
export function checkDerivedValues(source: MeshSource, values: Record<string, unknown>, path: Path): void {
  refuse(source, values, path, derivedValues);
}

/** Reports mesh configuration at `path` that meshplan derives itself. */
export function checkDerivedMeshConfig(
  source: MeshSource,
  config: Record<string, unknown>,
  path: Path,
): void {
  refuse(source, config, path, derivedMeshConfig);
}

function refuse(
  source: MeshSource,
  given: Record<string, unknown>,
  path: Path,
  derived: Record<string, string>,
): void {
  for (const [name, reason] of Object.entries(derived)) {
    const keys = name.split('.');
    if (!has(given, keys)) continue;
    const hint = `take it out: ${reason}`;
    source.findings.error(
      'derived-value',
      source.keyAt(...path, ...keys),
      `meshplan sets \`${name}\` itself`,
      hint,
    );
  }
}

function has(value: unknown, keys: string[]): boolean {
  const [key, ...rest] = keys;
  if (key === undefined) return true;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
  return has((value as Record<string, unknown>)[key], rest);
}
