import type { Cluster } from '../model/kube.js';
import { PATHS } from './names.js';

/** One thing that istiod does in a remote. */
export interface Right {
  group: string;
  resource: string;
  verb: string;
}

export const rights = (group: string, resource: string, verbs: string[]): Right[] =>
  verbs.map((verb) => ({ group, resource, verb }));

const READ = ['get', 'list', 'watch'];

/** What istiod needs in a cluster that it leads (Istio's reader role with `istiodRemote.enabled`). */
export const READER_RIGHTS: readonly Right[] = [
  ...['services', 'pods', 'nodes', 'namespaces'].flatMap((resource) => rights('', resource, READ)),
  ...rights('discovery.k8s.io', 'endpointslices', READ),
  ...rights('', 'configmaps', [...READ, 'create', 'update']),
  ...rights('admissionregistration.k8s.io', 'mutatingwebhookconfigurations', [...READ, 'update', 'patch']),
  ...rights('authentication.k8s.io', 'tokenreviews', ['create']),
];

/** The rights that a cluster's credentials lack, by its own answer (SelfSubjectAccessReview). */
export async function missingRights(
  cluster: Pick<Cluster, 'request'>,
  signal?: AbortSignal,
  wanted: readonly Right[] = READER_RIGHTS,
): Promise<Right[]> {
  const answers = await Promise.all(
    wanted.map(async (right) => {
      const { body } = await cluster.request(PATHS.selfReview, {
        method: 'POST',
        body: {
          apiVersion: 'authorization.k8s.io/v1',
          kind: 'SelfSubjectAccessReview',
          spec: { resourceAttributes: right },
        },
        ...(signal ? { signal } : {}),
      });
      const isAllowed = (body as { status?: { allowed?: boolean } }).status?.allowed === true;
      return isAllowed ? undefined : right;
    }),
  );
  return answers.filter((right) => right !== undefined);
}

/** `get, list, watch pods; create tokenreviews.authentication.k8s.io`: one entry for each resource. */
export function describeRights(missing: readonly Right[]): string {
  const verbs = new Map<string, string[]>();
  for (const { group, resource, verb } of missing) {
    const name = group ? `${resource}.${group}` : resource;
    verbs.set(name, [...(verbs.get(name) ?? []), verb]);
  }
  return [...verbs].map(([name, list]) => `${list.join(', ')} ${name}`).join('; ');
}
