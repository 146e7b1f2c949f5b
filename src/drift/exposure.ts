import { lastWriter } from '../diff/ownership.js';
import type { DriftEntry } from '../model/drift.js';
import { addressOf, type KubeObject, refOf } from '../model/kube.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import { signed } from '../plan/drift.js';
import { type DriftInput, liveAt } from './input.js';

/** Load balancers that answer another address than their remotes were given. */
export function exposureDrift(input: DriftInput): DriftEntry[] {
  return input.mesh.clusters.flatMap((cluster) => {
    const service = input.meaning.clusters.get(cluster.name)?.exposure;
    // A declared address is the user's word, whatever the load balancer answers.
    if (!service || cluster.controlPlane.exposure.address) return [];
    const address = input.facts.addresses[cluster.name];
    const given = givenAddresses(input, cluster);
    if (given.length === 0 || (address && given.includes(address))) return [];
    return [movedEntry(cluster.name, service, given, address)];
  });
}

/** The addresses by which the remotes of a primary call its istiod now. */
function givenAddresses(input: DriftInput, primary: ResolvedCluster): string[] {
  const remotes = input.mesh.clusters.filter(
    (cluster) => cluster.role === 'remote' && cluster.primary === primary.name,
  );
  const objects = input.actions
    .filter((action) => action.kind === 'data-plane' && remotes.some(({ name }) => name === action.cluster))
    .flatMap((action) => action.objects)
    .map(({ cluster, object }) => liveAt(input, addressOf(refOf(cluster, object))));
  return [...new Set(objects.flatMap((object) => (object ? addressesIn(object) : [])))];
}

/** An object of Istio's remote charts with the way to istiod in it. */
function addressesIn(object: KubeObject): string[] {
  if (object.kind === 'EndpointSlice') {
    return ((object.endpoints ?? []) as { addresses?: string[] }[]).flatMap((item) => item.addresses ?? []);
  }
  if (object.kind === 'Service') {
    const { externalName } = (object.spec ?? {}) as { externalName?: string };
    return externalName ? [externalName] : [];
  }
  const webhooks = (object.webhooks ?? []) as { clientConfig?: { url?: string } }[];
  return webhooks.flatMap(({ clientConfig }) =>
    clientConfig?.url && URL.canParse(clientConfig.url) ? [new URL(clientConfig.url).hostname] : [],
  );
}

function movedEntry(
  cluster: string,
  service: KubeObject,
  given: string[],
  address: string | undefined,
): DriftEntry {
  const now = address
    ? `the load balancer answers ${address} now`
    : 'the load balancer has no address any more';
  return {
    address: addressOf(refOf(cluster, service)),
    lens: 'meaning',
    rule: 'address-moved',
    patch: [],
    ...signed(lastWriter(service, ({ subresource }) => subresource === 'status')),
    message: `${now}, and the remotes call istiod at ${given.join(', ')}`,
  };
}
