import type { KubeObject } from '../../model/kube.js';
import type { ResolvedCluster, ResolvedNamespace } from '../../model/resolved-mesh.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import { isService, objectsIn, type PlacedWorkload } from '../resolve/workloads.js';

/** What a pod is made of, as far as rules look at it. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: { hostNetwork?: boolean; containers?: Container[]; initContainers?: Container[] };
}

interface Container {
  ports?: { name?: string }[];
  [field: string]: unknown;
}

/** Pods that a manifest brings to one cluster. */
export interface DeclaredPods {
  cluster: string;
  namespace: string;
  template: PodTemplate;
  owner: ManifestObject;
}

/** A Service of the manifests in one cluster. */
export interface DeclaredService {
  cluster: string;
  /** The full DNS name. */
  host: string;
  item: ManifestObject;
  workload: PlacedWorkload;
}

export interface ServicePort {
  name?: string;
  port?: number;
  protocol?: string;
  appProtocol?: string;
  targetPort?: unknown;
}

/** What mesh.yaml and its manifests bring, cluster by cluster. */
export class MeshView {
  readonly pods: DeclaredPods[] = [];
  readonly services: DeclaredService[] = [];

  constructor(
    readonly clusters: readonly ResolvedCluster[],
    readonly namespaces: readonly ResolvedNamespace[],
    readonly workloads: readonly PlacedWorkload[],
  ) {
    for (const workload of workloads) {
      for (const cluster of workload.clusters) {
        for (const item of objectsIn(workload, cluster)) this.#add(cluster, item, workload);
      }
    }
  }

  servicesOf(host: string): DeclaredService[] {
    return this.services.filter((service) => service.host === host);
  }

  /** Pods in any cluster that a Service selects: Istio puts the endpoints of all clusters together. */
  podsOf({ item: { object } }: DeclaredService): DeclaredPods[] {
    const selector = selectorOf(object);
    if (selector.length === 0) return [];
    return this.pods.filter(
      ({ namespace, template }) =>
        namespace === object.metadata.namespace &&
        selector.every(([key, value]) => template.metadata?.labels?.[key] === value),
    );
  }

  podsOfHost(host: string): DeclaredPods[] {
    return [...new Set(this.servicesOf(host).flatMap((service) => this.podsOf(service)))];
  }

  /** Clusters in which the name of a Service resolves. */
  clustersWith(host: string): Set<string> {
    const services = this.servicesOf(host);
    return new Set(services.flatMap(({ cluster, workload }) => [cluster, ...workload.callableFrom]));
  }

  hasInjection(cluster: string, namespace: string): boolean {
    // One that differs by cluster is there several times.
    return this.namespaces.some(
      ({ name, injection, clusters }) =>
        name === namespace && injection !== false && clusters.includes(cluster),
    );
  }

  #add(cluster: string, item: ManifestObject, workload: PlacedWorkload): void {
    const { name, namespace = '' } = item.object.metadata;
    const template = templateOf(item.object);
    if (template) this.pods.push({ cluster, namespace, template, owner: item });
    if (!isService(item)) return;
    this.services.push({ cluster, host: `${name}.${namespace}.svc.cluster.local`, item, workload });
  }
}

/** Labels that a Service asks of its pods. */
export const selectorOf = ({ spec }: KubeObject): [string, string][] =>
  Object.entries((spec as { selector?: Record<string, string> } | undefined)?.selector ?? {});

export const portsOf = ({ spec }: KubeObject): ServicePort[] =>
  (spec as { ports?: ServicePort[] } | undefined)?.ports ?? [];

export const isHeadless = ({ spec }: KubeObject): boolean =>
  (spec as { clusterIP?: string } | undefined)?.clusterIP === 'None';

/** What an object makes its pods of, or the pod itself; undefined for other objects. */
export function templateOf(object: KubeObject): PodTemplate | undefined {
  if (object.kind === 'Pod') return object as PodTemplate;
  const spec = object.spec as Record<string, unknown> | undefined;
  const owner =
    object.kind === 'CronJob' ? (spec?.jobTemplate as { spec?: unknown } | undefined)?.spec : spec;
  const template = (owner as { template?: unknown } | undefined)?.template;
  return typeof template === 'object' && template !== null ? (template as PodTemplate) : undefined;
}
