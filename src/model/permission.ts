/** One right on one object, as RBAC knows it, and the actions that need it. */
export interface Permission {
  cluster: string;
  verb: 'get' | 'create' | 'patch' | 'delete';
  /** The API group; empty for the core one. */
  group: string;
  /** The plural, e.g. `secrets`. */
  resource: string;
  /** Left out for cluster-scoped kinds. */
  namespace?: string;
  name: string;
  actions: string[];
}
