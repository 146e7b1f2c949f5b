import type { ApiResource, KubeObject } from '../model/kube.js';

/** The URL path of a resource collection, in one namespace or over all. */
export function collectionPath(resource: ApiResource, namespace?: string): string {
  const root = resource.apiVersion.includes('/')
    ? `/apis/${resource.apiVersion}`
    : `/api/${resource.apiVersion}`;
  const scope = resource.namespaced && namespace ? `/namespaces/${namespace}` : '';
  return `${root}${scope}/${resource.plural}`;
}

/** The URL path of one object. */
export function objectPath(resource: ApiResource, name: string, namespace?: string): string {
  return `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
}

/** The resource that serves a kind, or undefined where no CRD brings it (yet). */
export function resourceFor(
  resources: readonly ApiResource[],
  kind: Pick<KubeObject, 'apiVersion' | 'kind'>,
): ApiResource | undefined {
  return resources.find((item) => item.kind === kind.kind && item.apiVersion === kind.apiVersion);
}
