import type { SourceRange } from '../../model/diagnostic.js';
import type { Cluster, ControlPlane } from '../../model/mesh.js';
import type { JsonObject, ResolvedControlPlane } from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import type { Path } from '../yaml/source-node.js';
import { isHost, rangeFault } from './addresses.js';
import type { MeshSource } from './mesh-source.js';

type Exposure = NonNullable<ControlPlane['exposure']>;

/** A primary's control plane: its own settings over those of the mesh over the defaults. */
export function resolveControlPlane(
  source: MeshSource,
  cluster: Cluster,
  index: number,
): ResolvedControlPlane {
  const common = source.spec.controlPlane ?? {};
  const own = cluster.controlPlane ?? {};
  if (cluster.role === 'remote' && cluster.controlPlane !== undefined) {
    const place = source.keyAt('clusters', index, 'controlPlane');
    source.findings.lint('control-plane-of-remote', place, {
      subject: cluster.name,
      message: `cluster \`${cluster.name}\` is a remote: these settings hold once it is promoted to primary`,
      hint: 'move them to its primary, unless they are meant for that day',
    });
  }
  checkExposure(source, own.exposure, ['clusters', index, 'controlPlane', 'exposure']);
  const exposure = { ...common.exposure, ...own.exposure };
  const { address, allowFrom } = exposure;
  const resources = own.resources ?? common.resources;
  const quota = own.quota ?? common.quota;
  if (cluster.role === 'primary' && allowFrom === undefined) warnOpen(source, cluster, index);
  return {
    replicas: own.replicas ?? common.replicas ?? defaults.replicas,
    exposure: {
      type: exposure.type ?? defaults.exposureType,
      annotations: exposure.annotations ?? {},
      ...(address === undefined ? {} : { address }),
      allowFrom: allowFrom ?? [],
      ...networkPolicyOf(exposure),
    },
    ...(resources === undefined ? {} : { resources: resources as JsonObject }),
    ...(quota === undefined ? {} : { quota: quota as { hard: JsonObject; limits?: JsonObject } }),
  };
}

/** A range of all addresses of a family keeps nobody out, and what mesh.yaml leaves open stays so. */
function networkPolicyOf({
  allowFrom = [],
  networkPolicy = defaults.networkPolicy,
}: Exposure): Pick<ResolvedControlPlane['exposure'], 'networkPolicy'> {
  const isNarrow = allowFrom.length > 0 && !allowFrom.some((range) => range.endsWith('/0'));
  if (!isNarrow || networkPolicy === false) return {};
  return { networkPolicy: networkPolicy === true ? {} : networkPolicy };
}

/** Reports addresses and address ranges of the exposure at `path` that are none. */
export function checkExposure(source: MeshSource, exposure: Exposure | undefined, path: Path): void {
  const { findings } = source;
  const ranges = (list: string[] | undefined, ...below: string[]) =>
    list?.forEach((range, index) => {
      const fault = rangeFault(range);
      if (fault) findings.error('bad-cidr', source.at(...path, ...below, index), fault.message, fault.hint);
    });
  ranges(exposure?.allowFrom, 'allowFrom');
  if (typeof exposure?.networkPolicy === 'object') {
    ranges(exposure.networkPolicy.nodes, 'networkPolicy', 'nodes');
    ranges(exposure.networkPolicy.apiServers, 'networkPolicy', 'apiServers');
  }
  if (exposure?.address !== undefined && !isHost(exposure.address)) {
    const message = `\`${exposure.address}\` is neither an IP address nor a hostname`;
    findings.error('bad-address', source.at(...path, 'address'), message, 'write it without scheme and port');
  }
}

/** Without `allowFrom` anybody who reaches the load balancer reaches istiod. Only remotes need the exposure. */
function warnOpen(source: MeshSource, cluster: Cluster, index: number): void {
  if (!source.namedClusters.some((other) => other.role === 'remote')) return;
  const exposures = [
    ['controlPlane', 'exposure'],
    ['clusters', index, 'controlPlane', 'exposure'],
  ];
  if (exposures.some((path) => source.dropped(...path).includes('allowFrom'))) return;
  const message = `istiod of \`${cluster.name}\` is exposed to every address`;
  const hint =
    'list the address ranges of the remotes in `allowFrom`; 0.0.0.0/0 and ::/0 say that all is meant';
  const finding = { subject: cluster.name, message, hint };
  source.findings.lint('exposure-open', exposurePlace(source, index), finding);
}

function exposurePlace(source: MeshSource, index: number): SourceRange {
  const { spec } = source;
  if (spec.clusters[index]?.controlPlane?.exposure)
    return source.keyAt('clusters', index, 'controlPlane', 'exposure');
  if (spec.controlPlane?.exposure) return source.keyAt('controlPlane', 'exposure');
  return spec.controlPlane ? source.keyAt('controlPlane') : source.at('clusters', index);
}
