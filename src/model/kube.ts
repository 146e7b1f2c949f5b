/** A Kubernetes object as the API server speaks it: plain JSON, no typed client between. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  managedFields?: ManagedFieldsEntry[];
  [field: string]: unknown;
}

/** One entry of `metadata.managedFields`: who owns which fields since when (server-side apply). */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: string;
  time?: string;
  subresource?: string;
  fieldsV1?: Record<string, unknown>;
}

/** Names one object of one cluster. `namespace` is left out for cluster-scoped kinds. */
export interface ObjectRef {
  cluster: string;
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

/** `cluster-2/v1/Secret/istio-system/cacerts`; without the namespace part for cluster-scoped kinds. */
export function addressOf(ref: ObjectRef): string {
  const parts = [ref.cluster, ref.apiVersion, ref.kind, ref.namespace, ref.name];
  return parts.filter((part) => part !== undefined && part !== '').join('/');
}

/** The reverse of `addressOf`; undefined where the text is no address. */
export function parseAddress(address: string): ObjectRef | undefined {
  const [cluster, ...rest] = address.split('/');
  // A kind starts with a capital; nothing else in an address may.
  const index = rest.findIndex((part) => /^[A-Z]/.test(part));
  const [kind, first, second] = rest.slice(index);
  if (!cluster || index < 1 || !kind || !first) return undefined;
  const ref = { cluster, apiVersion: rest.slice(0, index).join('/'), kind };
  return second === undefined ? { ...ref, name: first } : { ...ref, namespace: first, name: second };
}

/** The reference of an object that lives in `cluster`. */
export function refOf(cluster: string, object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  const ref: ObjectRef = { cluster, apiVersion: object.apiVersion, kind: object.kind, name };
  return namespace ? { ...ref, namespace } : ref;
}

/** A kind of one cluster, or one object of it, that could not be read, and why. */
export interface Unread {
  cluster: string;
  apiVersion: string;
  kind: string;
  /** Left out where the whole kind could not be read. */
  name?: string;
  namespace?: string;
  /** `forbidden`: a right is missing (403); `server-error`: the API server fails on it time and again. */
  reason: 'forbidden' | 'server-error';
  /** The API server's words; of a missing right they name user, verb, resource and namespace. */
  message: string;
}

/** What keeps an object from being known, if anything does. */
export const unreadOf = (unread: readonly Unread[], ref: ObjectRef): Unread | undefined =>
  unread.find(
    (item) =>
      item.cluster === ref.cluster &&
      item.apiVersion === ref.apiVersion &&
      item.kind === ref.kind &&
      (item.name === undefined || (item.name === ref.name && item.namespace === ref.namespace)),
  );

/** One served resource, from aggregated discovery (`/api`, `/apis`). */
export interface ApiResource {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  verbs: string[];
}

export interface RequestOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Record<string, string>;
  body?: unknown;
  contentType?: string;
  accept?: string;
  /** Milliseconds until one try is given up; all together get twice as much. */
  timeoutMs?: number;
  /** Whether it may be sent twice, where method and content do not tell. */
  isRepeatable?: boolean;
  signal?: AbortSignal;
}

/** An answer of the API server. Status codes of 400 and more are thrown as `ApiError` unless listed. */
export interface ApiResponse {
  status: number;
  body: unknown;
  headers: Record<string, string | string[] | undefined>;
}

/** What a stage may ask of one cluster. Adapters live in `src/kube/`; stages only see this. */
export interface Cluster {
  /** The name in mesh.yaml. */
  readonly name: string;
  /** The API server's URL, as in the kubeconfig. */
  readonly server: string;
  request(path: string, options?: RequestOptions): Promise<ApiResponse>;
  /** Requests sent, those of them that were sent again, and TCP connections opened so far. */
  stats(): { requests: number; retries: number; connections: number };
  close(): void;
}

/** The texts that a Secret holds, decoded. They are never shown or stored. */
export function secretTexts(secret: KubeObject | undefined): Record<string, string> {
  const data = (secret?.data ?? {}) as Record<string, string>;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
}
