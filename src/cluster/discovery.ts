import type { ApiResource, Cluster } from '../model/kube.js';

const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList';

interface DiscoveryList {
  items?: {
    metadata?: { name?: string };
    versions?: {
      version: string;
      resources?: {
        resource: string;
        responseKind?: { kind?: string };
        scope?: string;
        verbs?: string[];
      }[];
    }[];
  }[];
}

/**
 * All resources that a server offers, in two requests. Aggregated discovery is stable since
 * Kubernetes 1.30, below the floor of every Istio that meshplan supports (1.32 for 1.31-dev).
 * @throws ApiError, UnreachableError
 */
export async function discover(cluster: Cluster): Promise<ApiResource[]> {
  const [core, groups] = await Promise.all(
    ['/api', '/apis'].map((path) => cluster.request(path, { accept: AGGREGATED })),
  );
  return [...resourcesOf(core?.body), ...resourcesOf(groups?.body)];
}

function resourcesOf(body: unknown): ApiResource[] {
  const found: ApiResource[] = [];
  for (const group of (body as DiscoveryList).items ?? []) {
    for (const { version, resources } of group.versions ?? []) {
      const apiVersion = group.metadata?.name ? `${group.metadata.name}/${version}` : version;
      for (const item of resources ?? []) {
        found.push({
          apiVersion,
          kind: item.responseKind?.kind ?? '',
          plural: item.resource,
          namespaced: item.scope === 'Namespaced',
          verbs: item.verbs ?? [],
        });
      }
    }
  }
  return found;
}
