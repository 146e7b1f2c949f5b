import { suggestion } from '../../match/nearest.js';
import { portNamesOf } from '../../model/pod-template.js';
import { portsOf, selectorOf } from '../../model/service.js';
import type { Findings } from '../findings.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import { everyObject } from '../resolve/workloads.js';
import { keyPlaceOf, placeOf } from '../yaml/source-node.js';
import type { DeclaredPods, DeclaredService, MeshView } from './mesh-view.js';
import { nameOf } from './placed-objects.js';

/** API groups whose kinds make no pods by themselves. */
const PLAIN_GROUP = /^(v1|(apps|batch|autoscaling|policy|[a-z.]+\.k8s\.io|[a-z.]*\.istio\.io)\/.*)$/;

/** Reports Services that would have no endpoints, or others in each cluster. */
export function checkServices(view: MeshView, findings: Findings): void {
  const told = new Set<ManifestObject>();
  for (const service of view.services) {
    if (told.has(service.item)) continue;
    told.add(service.item);
    const pods = view.podsOf(service);
    if (pods.length === 0) checkSelector(service, view, findings);
    else checkTargetPorts(service, pods, findings);
    checkTwins(service, view, findings);
  }
}

/** Pods may be made by others, so only a Service that comes with pods of its own can be said to miss them. */
function checkSelector({ item, workload }: DeclaredService, view: MeshView, findings: Findings): void {
  const selector = Object.entries(selectorOf(item.object));
  if (selector.length === 0) return;
  const objects = everyObject(workload);
  if (objects.some(({ object }) => !PLAIN_GROUP.test(object.apiVersion))) return;
  const { namespace } = item.object.metadata;
  const beside = view.pods.filter((pods) => pods.namespace === namespace && objects.includes(pods.owner));
  if (beside.length === 0) return;
  const wanted = selector.map(([key, value]) => `${key}=${value}`).join(', ');
  const [nearby] = beside;
  const labels = Object.entries(nearby?.template.metadata?.labels ?? {}).map(
    ([key, value]) => `${key}=${value}`,
  );
  findings.lint('empty-service', keyPlaceOf(item.tree, ['spec', 'selector']), {
    subject: nameOf(item),
    message: `no pods carry ${wanted}: ${nameOf(item)} has no endpoints, and requests to it answer 503`,
    hint: `make the selector fit the labels of its pods; those of ${nearby ? nameOf(nearby.owner) : ''} carry ${labels.join(', ') || 'none'}`,
  });
}

function checkTargetPorts({ item }: DeclaredService, pods: DeclaredPods[], findings: Findings): void {
  const names = pods.flatMap(({ template }) => portNamesOf(template));
  portsOf(item.object).forEach(({ targetPort, port }, index) => {
    if (typeof targetPort !== 'string' || /^\d+$/.test(targetPort) || names.includes(targetPort)) return;
    findings.lint('target-port', placeOf(item.tree, ['spec', 'ports', index, 'targetPort']), {
      subject: `${nameOf(item)}/${port}`,
      message: `no container of its pods has a port named \`${targetPort}\`: port ${port} of ${nameOf(item)} has no endpoints`,
      hint:
        names.length > 0
          ? suggestion(targetPort, new Set(names))
          : 'write the number, or name the port in the container',
    });
  });
}

/**
 * Istio finds the endpoints of a port in all clusters by the name that it has in the caller's (seen on real
 * clusters: 503 `no healthy upstream` where the names differ).
 */
function checkTwins(service: DeclaredService, view: MeshView, findings: Findings): void {
  const [first, ...others] = view.servicesOf(service.host);
  if (!first || first.item === service.item) return;
  // Of those that `callableFrom` is for, every difference is told elsewhere.
  if ([first, ...others].some(({ workload }) => workload.callableFrom.length > 0)) return;
  const known = new Map(portsOf(first.item.object).map(({ port, name }) => [port, name]));
  const { tree, object } = service.item;
  portsOf(object).forEach(({ port, name }, index) => {
    if (!known.has(port) || known.get(port) === name) return;
    const other = known.get(port) ?? 'without a name';
    findings.lint('port-names', placeOf(tree, ['spec', 'ports', index, 'name']), {
      subject: `${service.host}/${port}`,
      message: `port ${port} of \`${service.host}\` is \`${name ?? 'without a name'}\` in ${service.cluster} and \`${other}\` in ${first.cluster}: callers in one find no pods of the other, and get 503`,
      hint: 'give it one name in all clusters; `callableFrom` does so by itself',
    });
  });
}
