import type { Quantities, Quota } from '../../model/mesh.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import type { MeshSource } from '../resolve/mesh-source.js';
import type { Path } from '../yaml/source-node.js';
import { quantity, quantityText } from './quantity.js';

type Amounts = Record<string, string | number>;

/** What istiod's chart asks for where mesh.yaml sets nothing (Istio 1.31, charts of istiod, `resources`). */
const CHART_REQUESTS: Amounts = { cpu: '500m', memory: '2048Mi' };

/** What one istiod pod asks and may use, once the LimitRange has had its say; undefined where it states none. */
interface Stated {
  requests: Amounts;
  limits: Amounts;
}

/** Reports quotas of istio-system under which istiod does not come, or cannot be changed at once. */
export function checkQuotas(source: MeshSource, clusters: ResolvedCluster[]): void {
  const { spec } = source;
  spec.clusters.forEach(({ controlPlane: own, role }, index) => {
    const resolved = clusters[index];
    const quota = own?.quota ?? spec.controlPlane?.quota;
    if (role !== 'primary' || quota === undefined || resolved === undefined) return;
    const path = own?.quota ? ['clusters', index, 'controlPlane', 'quota'] : ['controlPlane', 'quota'];
    const resources = (own?.resources ?? spec.controlPlane?.resources ?? {}) as Partial<Stated>;
    const stated = statedBy(resources, quota.limits ?? {});
    checkContainer(source, resolved, { stated, limits: quota.limits ?? {}, path });
    for (const [name, hard] of Object.entries(quota.hard)) {
      checkHard(source, resolved, { name, hard: hard as string | number, stated, path });
    }
  });
}

/** What Kubernetes makes of a container under a LimitRange: its defaults fill what the container leaves out. */
function statedBy(
  { requests = {}, limits = {} }: Partial<Stated>,
  range: NonNullable<Quota['limits']>,
): Stated {
  const defaults = { ...range.max, ...range.default } as Amounts;
  const allLimits = { ...defaults, ...limits };
  const asked = { ...CHART_REQUESTS, ...requests };
  const fallback = { ...allLimits, ...(range.defaultRequest as Amounts | undefined), ...limits };
  return { requests: { ...fallback, ...asked }, limits: allLimits };
}

interface ContainerCheck {
  stated: Stated;
  limits: { max?: Quantities; min?: Quantities };
  path: Path;
}

/** A LimitRange refuses a container whose limit is below its request, or that goes beyond its bounds. */
function checkContainer(source: MeshSource, cluster: ResolvedCluster, check: ContainerCheck): void {
  const { stated, limits, path } = check;
  const refuse = (resource: string, message: string, hint: string) =>
    source.findings.lint('quota-refuses-istiod', source.keyAt(...path, 'limits'), {
      subject: `${cluster.name}/${resource}`,
      message: `istiod of \`${cluster.name}\` gets no pods: ${message}`,
      hint,
    });
  for (const [resource, asked] of Object.entries(stated.requests)) {
    const limit = stated.limits[resource];
    const least = (limits.min as Amounts | undefined)?.[resource];
    if (limit !== undefined && quantity(limit) < quantity(asked)) {
      const message = `it asks for ${resource} ${asked}, and \`quota.limits\` lets it use ${limit}`;
      refuse(resource, message, 'raise the limit, or lower `controlPlane.resources.requests`');
    }
    const most = (limits.max as Amounts | undefined)?.[resource];
    if (limit !== undefined && most !== undefined && quantity(limit) > quantity(most)) {
      const message = `it may use ${resource} ${limit}, and \`quota.limits.max\` is ${most}`;
      refuse(resource, message, 'raise `max`, or lower `controlPlane.resources.limits`');
    }
    if (least !== undefined && quantity(asked) < quantity(least)) {
      const message = `it asks for ${resource} ${asked}, and \`quota.limits.min\` is ${least}`;
      refuse(resource, message, 'lower `min`, or raise `controlPlane.resources.requests`');
    }
  }
}

interface HardCheck {
  name: string;
  hard: string | number;
  stated: Stated;
  path: Path;
}

/**
 * An update makes a new pod before an old one ends, and as many as there are at once (`maxSurge: 100%` of the
 * charts) if it may. So there has to be room for one more pod than `replicas`, and better for twice as many.
 */
function checkHard(
  source: MeshSource,
  cluster: ResolvedCluster,
  { name, hard, stated, path }: HardCheck,
): void {
  const each = perPod(name, stated);
  if (each === undefined) return;
  const place = source.keyAt(...path, 'hard', name);
  const subject = `${cluster.name}/${name}`;
  if (each === null) {
    source.findings.lint('quota-refuses-istiod', place, {
      subject,
      message: `istiod of \`${cluster.name}\` gets no pods: a quota of ${name} takes only pods that state it, and istiod does not`,
      hint: `set it in \`controlPlane.resources.limits\`, or a default in \`quota.limits.default\``,
    });
    return;
  }
  const { replicas } = cluster.controlPlane;
  const [least, full] = [(replicas + 1) * each, 2 * replicas * each];
  const granted = quantity(hard);
  if (granted >= full) return;
  const sum = (pods: number) =>
    name.endsWith('pods') ? `${pods}` : `${pods} × ${quantityText(each)} = ${quantityText(pods * each)}`;
  const counted = `${replicas} istiod ${replicas === 1 ? 'pod' : 'pods'} of \`${cluster.name}\``;
  if (granted < least) {
    const effect = granted < replicas * each ? 'not all of them start' : 'no change of istiod ever ends';
    source.findings.lint('quota-refuses-istiod', place, {
      subject,
      message: `${counted} and one more while they are changed need ${name} ${sum(replicas + 1)}, and the quota grants ${hard}: ${effect}`,
      hint: `grant at least ${quantityText(least)}, better ${quantityText(full)} (twice \`replicas\`)`,
    });
    return;
  }
  source.findings.lint('quota-without-surge', place, {
    subject,
    message: `${counted} and as many new ones while they are changed need ${name} ${sum(2 * replicas)}, and the quota grants ${hard}: a change goes pod by pod, and waits where the autoscaler has used the rest`,
    hint: `grant ${quantityText(full)}, or more if the autoscaler is to go beyond \`replicas\``,
  });
}

/** What of a quota's resource one istiod pod takes; null where it states none, undefined for what pods do not take. */
function perPod(name: string, { requests, limits }: Stated): number | null | undefined {
  if (name === 'pods' || name === 'count/pods') return 1;
  const [, kind, resource = name] = /^(?:(requests|limits)\.)?([a-z-]+)$/.exec(name) ?? [];
  if (!['cpu', 'memory', 'ephemeral-storage'].includes(resource)) return undefined;
  const amount = (kind === 'limits' ? limits : requests)[resource];
  return amount === undefined ? null : quantity(amount);
}
