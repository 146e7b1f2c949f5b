import { ApiError, messageOf } from '../../errors/index.js';
import type { Cluster, KubeObject } from '../../model/kube.js';
import type { LabAddress } from '../types.js';
import type { IstiodFollower } from './istiod-follower.js';
import type { IstiodPod } from './istiod-launch.js';
import { readinessPatch } from './pod-status.js';
import { isLoadBalancer, type Service } from './routes.js';

/** The statuses that a cloud's load balancer and a kubelet write on a real cluster. */

/** Writes that go on, by cluster and object, so that no object is written twice for one change. */
const inFlight = new WeakMap<Cluster, Set<string>>();

/** Gives each new Service of type LoadBalancer its address, once. */
export function answerLoadBalancers(
  api: Cluster,
  services: Service[],
  address: LabAddress,
  log: (line: string) => void,
): void {
  const ingress = [address.type === 'ip' ? { ip: address.value } : { hostname: address.value }];
  for (const service of services) {
    if (!isLoadBalancer(service) || service.status?.loadBalancer?.ingress?.length) continue;
    const { namespace, name } = service.metadata;
    const path = `/api/v1/namespaces/${namespace}/services/${name}/status`;
    const body = { status: { loadBalancer: { ingress } } };
    patchOnce(api, path, 'application/merge-patch+json', body, log);
  }
}

/** Makes the readiness of istiod's pods follow their processes. */
export function reportReadiness(
  api: Cluster,
  pods: KubeObject[],
  follower: IstiodFollower,
  log: (line: string) => void,
): void {
  for (const pod of pods) {
    const { ready, restarts } = follower.stateOf(pod);
    const patch = readinessPatch(pod as IstiodPod, ready, restarts, new Date());
    if (!patch || pod.metadata.deletionTimestamp) continue;
    const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/status`;
    patchOnce(api, path, 'application/strategic-merge-patch+json', patch, log);
  }
}

/** Writes a part of an object, unless a write to it is still under way; what fails is told and tried again later. */
export function patchOnce(
  api: Cluster,
  path: string,
  contentType: string,
  body: object,
  log: (line: string) => void,
): void {
  const paths = inFlight.get(api) ?? new Set();
  inFlight.set(api, paths);
  if (paths.has(path)) return;
  paths.add(path);
  api
    .request(path, { method: 'PATCH', contentType, body })
    .catch((error: unknown) => {
      // It went away meanwhile; the watch tells soon.
      if (!(error instanceof ApiError && error.status === 404)) log(`${path}: ${messageOf(error)}`);
    })
    .finally(() => paths.delete(path));
}
