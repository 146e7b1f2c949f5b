import { carries } from '../../match/labels.js';
import { type PodTemplate, templateOf } from '../../model/pod-template.js';
import type { ResolvedCluster, ResolvedNamespace } from '../../model/resolved-mesh.js';
import { hostOfService, selectorOf } from '../../model/service.js';
import type { ManifestObject } from '../manifests/read-objects.js';
import { isService, objectsIn, type PlacedWorkload } from '../resolve/workloads.js';

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
    if (Object.keys(selector).length === 0) return [];
    return this.pods.filter(
      ({ namespace, template }) =>
        namespace === object.metadata.namespace && carries(template.metadata?.labels, selector),
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

  /**
   * Whether the istiod of a cluster, which reads its own cluster and those of its remotes alone, knows pods of a
   * host; true where no manifest brings any, for others may.
   */
  knowsPods(cluster: string, host: string): boolean {
    const primaryOf = (name: string) => this.clusters.find((item) => item.name === name)?.primary;
    const homes = new Set(this.podsOfHost(host).map((pods) => pods.cluster));
    return homes.size === 0 || [...homes].some((home) => primaryOf(home) === primaryOf(cluster));
  }

  hasInjection(cluster: string, namespace: string): boolean {
    // One that differs by cluster is there several times.
    return this.namespaces.some(
      ({ name, injection, clusters }) =>
        name === namespace && injection !== false && clusters.includes(cluster),
    );
  }

  #add(cluster: string, item: ManifestObject, workload: PlacedWorkload): void {
    const { namespace = '' } = item.object.metadata;
    const template = templateOf(item.object);
    if (template) this.pods.push({ cluster, namespace, template, owner: item });
    if (isService(item)) this.services.push({ cluster, host: hostOfService(item.object), item, workload });
  }
}
