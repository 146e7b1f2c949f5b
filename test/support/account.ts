import { kubeconfigWith } from './kubeconfig.js';
import type { Lab } from './lab.js';

/** API groups that a mesh has objects of, but the core one. */
const GROUPS = [
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apps',
  'autoscaling',
  'discovery.k8s.io',
  'networking.istio.io',
  'policy',
  'rbac.authorization.k8s.io',
  'security.istio.io',
  'telemetry.istio.io',
  'extensions.istio.io',
];

/** Kinds of the core group that a mesh has objects of. */
const CORE = [
  'namespaces',
  'services',
  'secrets',
  'configmaps',
  'serviceaccounts',
  'pods',
  'endpoints',
  'nodes',
];

/** Rules that allow everything that a mesh needs, but for some of the kinds of the core group. */
export const rulesWithout = (...kinds: string[]) => [
  { apiGroups: GROUPS, resources: ['*'], verbs: ['*'] },
  { apiGroups: [''], resources: CORE.filter((kind) => !kinds.includes(kind)), verbs: ['*'] },
];

/**
 * Makes an account of limited rights in one cluster, and writes a kubeconfig in which the context of that
 * cluster uses it. Gives back the file's path.
 */
export async function limitedAccount(
  lab: Lab,
  cluster: string,
  name: string,
  rules: object[],
): Promise<string> {
  const metadata = { name };
  const subject = { kind: 'ServiceAccount', name, namespace: 'kube-system' };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
  const rbac = 'rbac.authorization.k8s.io/v1';
  const items = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: 'kube-system' } },
    { apiVersion: rbac, kind: 'ClusterRole', metadata, rules },
    { apiVersion: rbac, kind: 'ClusterRoleBinding', metadata, roleRef, subjects: [subject] },
  ];
  const file = await lab.write(`${name}.json`, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await lab.kubectl(cluster, 'apply', '-f', file);
  const token = (await lab.kubectl(cluster, '-n', 'kube-system', 'create', 'token', name)).trim();
  return kubeconfigWith(lab, cluster, { user: { token } });
}
