import type { Surroundings } from '../model/facts.js';
import type { KubeObject } from '../model/kube.js';
import { EXPOSURE_SERVICE, ISTIO_NAMESPACE, namespaced } from '../model/names.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';

const XDS = 15012;
const MONITORING = 15014;
const WEBHOOK = 15017;

/**
 * Who may open connections to istiod's pods: those of `allowFrom`; pods of the cluster, as which proxies,
 * gateways, scrapers and the agents of konnectivity come, through which managed API servers call; nodes, as
 * which those of `allowFrom` come where the load balancer hides them; and API servers, for the webhooks.
 * The plaintext ports (8080, 15010) are for nobody; probes of the own node need no rule.
 */
export function istiodPolicy(
  { controlPlane }: ResolvedCluster,
  { nodes, apiServers }: Surroundings,
): KubeObject {
  const { allowFrom } = controlPlane.exposure;
  return namespaced('networking.k8s.io/v1', 'NetworkPolicy', ISTIO_NAMESPACE, EXPOSURE_SERVICE, {
    spec: {
      podSelector: { matchLabels: { app: 'istiod', 'istio.io/rev': 'default' } },
      policyTypes: ['Ingress'],
      ingress: [
        rule(allowFrom.map(ipBlock), XDS, WEBHOOK),
        rule([{ namespaceSelector: {} }], XDS, MONITORING, WEBHOOK),
        rule(nodes.map(ipBlock), XDS, WEBHOOK),
        rule(apiServers.map(ipBlock), WEBHOOK),
        // A rule without peers would let everybody through.
      ].filter(({ from }) => from.length > 0),
    },
  });
}

const rule = (from: object[], ...ports: number[]) => ({
  from,
  ports: ports.map((port) => ({ protocol: 'TCP', port })),
});

const ipBlock = (cidr: string) => ({ ipBlock: { cidr } });
