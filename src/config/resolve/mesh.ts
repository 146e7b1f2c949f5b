import { DISPROVABLE_RULES } from '../../lint/rules.js';
import type { Kustomize } from '../../model/kustomize.js';
import type { JsonObject, ResolvedMesh } from '../../model/resolved-mesh.js';
import { checkDedicatedPrimary } from '../lint/dedicated-primary.js';
import { lintManifests } from '../lint/manifests.js';
import { lintMesh } from '../lint/mesh.js';
import { MeshView } from '../lint/mesh-view.js';
import { checkQuotas } from '../lint/quota.js';
import { readWorkloads } from '../manifests/read-workloads.js';
import { callableServices, checkCallable } from './callable.js';
import { resolveClusters } from './clusters.js';
import { checkExposure } from './control-plane.js';
import { checkCustomResources } from './custom-resources.js';
import { checkDerivedMeshConfig, checkDerivedValues } from './derived-values.js';
import { resolveDrift } from './drift.js';
import { checkFences, fenceOff } from './fenced.js';
import { resolveLint } from './lint.js';
import type { MeshSource } from './mesh-source.js';
import { resolveMonitoring } from './monitoring.js';
import { checkWorkloadNamespaces } from './namespace-references.js';
import { resolveNamespaces } from './namespaces.js';
import { resolveNetworks } from './networks.js';
import { resolveTraffic } from './traffic.js';
import { resolveTrust } from './trust.js';
import { placeWorkloads, toResolvedWorkload } from './workloads.js';

/**
 * Works out defaults, references and manifests, and reports all that contradicts itself. The result is complete
 * only where no error was reported.
 */
export async function resolveMesh(
  source: MeshSource,
  overlays: string[],
  now: Date,
  kustomize?: Kustomize,
): Promise<ResolvedMesh> {
  const { spec, name } = source;
  checkExposure(source, spec.controlPlane?.exposure, ['controlPlane', 'exposure']);
  const clusters = resolveClusters(source);
  checkFences(source, now);
  const read = await readWorkloads(source, kustomize);
  const workloads = placeWorkloads(source, clusters, read);
  const namespaces = resolveNamespaces(source, clusters, workloads);
  checkWorkloadNamespaces(source, workloads, namespaces);
  checkCustomResources(source, workloads);
  checkCallable(source, workloads);
  lintManifests(source, { clusters, workloads });
  checkDedicatedPrimary(source, { clusters, workloads });
  checkQuotas(source, clusters);
  lintMesh(source, new MeshView(clusters, namespaces, workloads));
  const traffic = resolveTraffic(source, { clusters, namespaces, workloads });
  // What could not be read is told already: that it is not there would be the same mistake once more.
  const isPartial = source.hasFaultyWorkloads || read.some(({ isWhole }) => !isWhole);
  if (isPartial || source.findings.has('unknown-namespace')) source.findings.withdraw(DISPROVABLE_RULES);
  const whole: ResolvedMesh = {
    name,
    istio: resolveIstio(source),
    trust: resolveTrust(source),
    networks: resolveNetworks(source, clusters),
    clusters,
    fenced: [],
    namespaces,
    workloads: workloads.map((item) => toResolvedWorkload(item, callableServices(item, workloads))),
    traffic,
    monitoring: resolveMonitoring(source, clusters, namespaces),
    drift: resolveDrift(source),
    lint: resolveLint(source),
    overlays,
  };
  return fenceOff(source, whole);
}

function resolveIstio(source: MeshSource): ResolvedMesh['istio'] {
  const { version, hub, tag, meshConfig = {}, values = {} } = source.spec.istio;
  checkDerivedValues(source, values, ['istio', 'values']);
  checkDerivedMeshConfig(source, meshConfig, ['istio', 'meshConfig']);
  return {
    version,
    ...(hub === undefined ? {} : { hub }),
    ...(tag === undefined ? {} : { tag }),
    meshConfig: meshConfig as JsonObject,
    values: values as JsonObject,
  };
}
