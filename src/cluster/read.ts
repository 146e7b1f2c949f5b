import { ApiError } from '../errors/index.js';
import type { ApiResource, ApiResponse, Cluster, KubeObject, RequestOptions } from '../model/kube.js';
import { collectionPath } from './paths.js';

const PAGE = '500';

interface ListBody {
  metadata?: { continue?: string };
  items?: Partial<KubeObject>[];
}

export interface ListOptions {
  namespace?: string;
  labelSelector?: string;
  /** Ask for names and metadata alone: a listing of big objects stays small. */
  metadataOnly?: boolean;
}

/** Reads one object, or undefined where it does not exist. */
export const getObject = async (cluster: Cluster, path: string): Promise<KubeObject | undefined> =>
  (await requestIfServed(cluster, path))?.body as KubeObject | undefined;

/**
 * Lists a resource page by page. Items get their apiVersion and kind, which lists leave out. A resource whose
 * CRD has gone since discovery is no longer served (404) and has no items.
 */
export async function listObjects(
  cluster: Cluster,
  resource: ApiResource,
  options: ListOptions = {},
): Promise<KubeObject[]> {
  const items: KubeObject[] = [];
  let next: string | undefined;
  do {
    const response = await requestIfServed(cluster, collectionPath(resource, options.namespace), {
      query: {
        limit: PAGE,
        ...(options.labelSelector ? { labelSelector: options.labelSelector } : {}),
        ...(next ? { continue: next } : {}),
      },
      ...(options.metadataOnly
        ? { accept: 'application/json;g=meta.k8s.io;v=v1;as=PartialObjectMetadataList' }
        : {}),
    });
    const body = (response?.body ?? {}) as ListBody;
    for (const item of body.items ?? []) {
      items.push({ ...item, apiVersion: resource.apiVersion, kind: resource.kind } as KubeObject);
    }
    next = body.metadata?.continue || undefined;
  } while (next);
  return items;
}

async function requestIfServed(
  cluster: Cluster,
  path: string,
  options?: RequestOptions,
): Promise<ApiResponse | undefined> {
  try {
    return await cluster.request(path, options);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
