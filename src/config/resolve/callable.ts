import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../model/kube.js';
import { hostOfService, portsOf as writtenPorts } from '../../model/service.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import { keyPlaceOf } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import { isService, objectsIn, type PlacedWorkload } from './workloads.js';

/**
 * The Services that the callers of a workload get, by cluster: each as the first cluster has it that gets it from
 * the workload. Where manifests bring one of that name to a caller, it stays alone.
 */
export function callableServices(
  workload: PlacedWorkload,
  workloads: PlacedWorkload[],
): Map<string, KubeObject[]> {
  const services = new Map<string, KubeObject>();
  for (const { object } of [...workload.objects.values()].flat().filter(isService)) {
    const host = hostOfService(object);
    if (!services.has(host)) services.set(host, object);
  }
  const callers = workload.callableFrom.map((cluster) => {
    const own = workloads.flatMap((other) => objectsIn(other, cluster).filter(isService));
    const hosts = new Set(own.map(({ object }) => hostOfService(object)));
    return [cluster, [...services].flatMap(([host, object]) => (hosts.has(host) ? [] : [object]))] as const;
  });
  return new Map(callers);
}

/**
 * Reports Services of one name that other clusters call and whose ports are not the same in all clusters: istiod
 * takes Services of one name for one, with the ports of the first that it meets (Istio `aggregate/controller.go`,
 * mergeService).
 */
export function checkCallable(source: MeshSource, workloads: PlacedWorkload[]): void {
  const services = workloads.flatMap(({ objects }) => [...objects.values()].flat().filter(isService));
  const called = new Set(
    workloads
      .filter(({ callableFrom }) => callableFrom.length > 0)
      .flatMap(({ objects }) => [...objects.values()].flat().filter(isService))
      .map(({ object }) => hostOfService(object)),
  );
  const first = new Map<string, ManifestObject>();
  for (const item of new Set(services)) {
    const host = hostOfService(item.object);
    const other = first.get(host) ?? item;
    first.set(host, other);
    if (!called.has(host) || isDeepStrictEqual(portsOf(item.object), portsOf(other.object))) continue;
    reportDisagreement(source, host, item, other);
  }
}

function reportDisagreement(
  source: MeshSource,
  host: string,
  item: ManifestObject,
  other: ManifestObject,
): void {
  const { file, line } = placeOfPorts(other);
  const [ports, others] = [item, other].map(
    ({ object }) => portsOf(object).map(showPort).join(', ') || 'none',
  );
  source.findings.lint('callable-disagrees', placeOfPorts(item), {
    subject: host,
    message: `the ports of \`${host}\` are ${ports} here and ${others} in ${file}:${line}: Istio takes one of the two for all clusters`,
    hint: 'make number, name and protocol of the ports equal; `targetPort` may differ',
  });
}

const placeOfPorts = ({ tree, patchedAt }: ManifestObject) =>
  patchedAt ?? keyPlaceOf(tree, ['spec', 'ports']);

interface Port {
  number: number | undefined;
  name: string;
  protocol: string;
}

/** What callers see of the ports; where they lead is the business of each cluster. */
function portsOf(service: KubeObject): Port[] {
  return writtenPorts(service)
    .map(({ port, name = '', protocol = 'TCP', appProtocol }) => ({
      number: port,
      name,
      protocol: appProtocol ?? protocol,
    }))
    .sort((one, two) => Number(one.number) - Number(two.number));
}

const showPort = ({ number, name, protocol }: Port) =>
  [name, number, protocol === 'TCP' ? '' : protocol].filter(Boolean).join(' ');
