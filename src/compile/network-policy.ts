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
        ...(nodes.length > 0 ? [rule(nodes.map(ipBlock), XDS, WEBHOOK)] : []),
        rule(apiServers.map(ipBlock), WEBHOOK),
      ],
    },
  });
}

/** Without peers it lets everybody through: API servers that are not known must not be locked out. */
const rule = (from: object[], ...ports: number[]) => ({
  ...(from.length > 0 ? { from } : {}),
  ports: ports.map((port) => ({ protocol: 'TCP', port })),
});

const ipBlock = (cidr: string) => ({ ipBlock: { cidr } });

/** What a reader of the plan should know of the policy. */
export function policyNotes({ name }: ResolvedCluster, { apiServers }: Surroundings): string[] {
  return apiServers.length > 0
    ? []
    : [
        `the API servers of ${name} tell no address, so the NetworkPolicy leaves port ${WEBHOOK} open to all; \`exposure.networkPolicy.apiServers\` narrows it`,
      ];
}
