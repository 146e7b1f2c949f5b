import type { KubeObject } from '../../model/kube.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import type { MeshSource } from './mesh-source.js';
import type { Traffic } from './traffic.js';
import { everyObject, isService, type PlacedWorkload } from './workloads.js';

type Labels = Record<string, unknown>;

/** Warns of a host that no Service of the manifests provides, and of subsets that none of its pods belong to. */
export function checkHostPods(
  source: MeshSource,
  rule: Traffic,
  index: number,
  workloads: PlacedWorkload[],
): void {
  if (servicesOf(rule.host, workloads).length === 0) {
    const message = `no manifest brings the Service of \`${rule.host}\``;
    const hint = 'add its manifest to `workloads`, or mind the name and namespace in `host`';
    const finding = { subject: rule.host, message, hint };
    source.findings.lint('unknown-host', source.at('traffic', index, 'host'), finding);
    return;
  }
  const pods = podsOf(rule.host, workloads);
  if (pods === undefined) return;
  for (const [subset, wanted] of Object.entries(rule.subsets ?? {})) {
    if (pods.some((labels) => carries(labels, wanted))) continue;
    const text = Object.entries(wanted).map(([key, value]) => `${key}=${value}`);
    const message = `no pods of \`${rule.host}\` carry ${text.join(', ')}: the subset \`${subset}\` is empty`;
    const hint = 'requests routed to it answer 503; add a workload with these labels, or route nothing to it';
    const finding = { subject: `${rule.host}/${subset}`, message, hint };
    source.findings.lint('empty-subset', source.keyAt('traffic', index, 'subsets', subset), finding);
  }
}

const inNamespaceOf = (host: string, workloads: PlacedWorkload[]): ManifestObject[] =>
  workloads.flatMap(everyObject).filter(({ object }) => object.metadata.namespace === host.split('.')[1]);

/** The Services of a full host that manifests bring. */
export function servicesOf(host: string, workloads: PlacedWorkload[]): ManifestObject[] {
  const [name] = host.split('.');
  return inNamespaceOf(host, workloads).filter(
    (item) => isService(item) && item.object.metadata.name === name,
  );
}

/**
 * The labels of the pods that manifests bring behind the Service of a full host, one set for each kind of pod.
 * Undefined where nothing can be said: a Service without a selector has its endpoints from elsewhere.
 */
export function podsOf(host: string, workloads: PlacedWorkload[]): Labels[] | undefined {
  const selectors = servicesOf(host, workloads).map(
    ({ object }): Labels => record(record(object.spec).selector),
  );
  if (selectors.length === 0 || selectors.some((selector) => Object.keys(selector).length === 0))
    return undefined;
  return inNamespaceOf(host, workloads)
    .flatMap(({ object }): Labels[] => podLabels(object))
    .filter((labels) => selectors.some((selector) => carries(labels, selector)));
}

function carries(labels: Labels, wanted: Labels): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

/** The labels of the pods that an object is or makes, one set for each kind of pod; none for other objects. */
function podLabels(object: KubeObject): Labels[] {
  if (object.kind === 'Pod') return [object.metadata.labels ?? {}];
  const spec = record(object.spec);
  const owner = object.kind === 'CronJob' ? record(record(spec.jobTemplate).spec) : spec;
  if (owner.template === undefined) return [];
  return [record(record(record(owner.template).metadata).labels)];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
