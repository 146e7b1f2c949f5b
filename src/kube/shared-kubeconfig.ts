import { delimiter, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KubeConfig } from '@kubernetes/client-node';
import type { ClusterConnection, ConnectRequest } from './kubeconfig.js';
import { filesOf, loadFiles } from './load.js';

/**
 * What KUBECONFIG has to be for another program to find all of these contexts, as a list of files: the user's own,
 * nothing is copied. Where clusters have kubeconfigs of their own that use one name for different things, there is
 * none: `fault` says so.
 */
export async function sharedKubeconfig(
  requests: ConnectRequest[],
  kubeconfig: string | undefined,
  connections: ReadonlyMap<string, ClusterConnection>,
): Promise<{ value: string } | { fault: string }> {
  const named = requests.flatMap((request) => filesOf(request.kubeconfig ?? kubeconfig));
  const files = [...new Set(named.map((file) => resolve(file)))];
  const client = await import('./client-node.js');
  const together = await loadFiles(() => new client.KubeConfig(), files);
  if (!together) return { fault: 'there is no kubeconfig that istioctl could read' };
  const differs = requests.find(
    ({ name, context }) => !isSame(context, together, connections.get(name)?.config),
  );
  if (differs) {
    const fault = `the kubeconfigs of the clusters use the name ${differs.context}, or one in that context, for different things`;
    return { fault };
  }
  return { value: files.join(delimiter) };
}

function isSame(context: string, together: KubeConfig, own: KubeConfig | undefined): boolean {
  return own !== undefined && isDeepStrictEqual(entriesOf(context, together), entriesOf(context, own));
}

function entriesOf(context: string, config: KubeConfig) {
  const entry = config.getContextObject(context);
  return { entry, cluster: config.getCluster(entry?.cluster ?? ''), user: config.getUser(entry?.user ?? '') };
}
