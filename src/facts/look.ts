import { objectPath } from '../cluster/paths.js';
import { getObject } from '../cluster/read.js';
import { orUnread } from '../cluster/unread.js';
import type { ApiResource, Cluster, KubeObject, Unread } from '../model/kube.js';

type Kind = Omit<ApiResource, 'verbs'>;

export const SECRETS: Kind = { apiVersion: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
export const SERVICES: Kind = { apiVersion: 'v1', kind: 'Service', plural: 'services', namespaced: true };
export const INJECTORS: Kind = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  namespaced: false,
};

/** Reads one object of one cluster; undefined where it is not there, or is not shown. */
export interface Look {
  (kind: Kind, name: string, namespace?: string): Promise<KubeObject | undefined>;
  /** The name in mesh.yaml. */
  readonly cluster: string;
}

/** Looks that go on where the server does not show an object, and note that in `unread`. */
export function lookOf(api: Cluster, unread: Unread[]): Look {
  const look = (kind: Kind, name: string, namespace?: string) => {
    const ref = { cluster: api.name, apiVersion: kind.apiVersion, kind: kind.kind, name };
    return orUnread(namespace ? { ...ref, namespace } : ref, unread, () =>
      getObject(api, objectPath({ ...kind, verbs: [] }, name, namespace)),
    );
  };
  return Object.assign(look, { cluster: api.name });
}
