import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';

/** Istio Helm values that follow from the rest of mesh.yaml, each with the place that decides it. */
const derivedValues: Record<string, string> = {
  'global.meshID': 'metadata.name decides it',
  'global.network': 'clusters[].network decides it',
  'global.multiCluster.clusterName': 'clusters[].name decides it',
  'global.externalIstiod': 'clusters[].role decides it; a primary that has remotes gets it',
  'global.configCluster': 'clusters[].role decides it',
  'global.remotePilotAddress':
    'controlPlane.exposure decides it, or what the load balancer answers when it is there',
  'global.istioNamespace': 'it is always istio-system',
  'global.hub': 'write spec.istio.hub',
  'global.tag': 'write spec.istio.tag',
  'global.trustDomain': 'write spec.trust.domain',
  'istiodRemote.enabled': 'clusters[].role decides it',
  'istiodRemote.injectionURL':
    "controlPlane.exposure decides it. A URL of an IP address fails, for istiod's certificate names none, and without `/inject/cluster/NAME/net/NETWORK` pods take the primary's cluster name",
  'istiodRemote.injectionPath': 'clusters[].name and clusters[].network decide it',
  'pilot.autoscaleMin': 'write controlPlane.replicas',
  'pilot.replicaCount':
    'write controlPlane.replicas. Beside it an autoscaler is rendered, whose floor stays 1',
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

/** Fields of an IstioOperator that people paste among the values, with where what they say belongs. */
const operatorFields: Record<string, string> = {
  components:
    'write spec.controlPlane (`replicas`, `resources`). Of `replicaCount` alone an autoscaler is rendered, whose floor stays 1',
  values: 'write what is in it one level higher',
  addonComponents: 'Istio has no add-ons any more',
  namespace: 'it is always istio-system',
};

const derivedMeshConfig: Record<string, string> = {
  trustDomain: 'write spec.trust.domain',
  'defaultConfig.meshId': 'metadata.name decides it',
};

/** Reports Helm values at `path` that meshplan derives itself, and what is no Helm value. */
export function checkDerivedValues(source: MeshSource, values: Record<string, unknown>, path: Path): void {
  refuse(source, values, path, derivedValues);
  for (const [name, reason] of Object.entries(operatorFields)) {
    if (!Object.hasOwn(values, name)) continue;
    source.findings.lint('operator-field', source.keyAt(...path, name), {
      subject: name,
      message: `\`${name}\` is a field of IstioOperator, no value of Istio's charts: it has no effect here`,
      hint: `take it out: ${reason}`,
    });
  }
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
