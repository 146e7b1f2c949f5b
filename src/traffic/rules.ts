import type { KubeObject } from '../model/kube.js';
import { TRAFFIC_LABEL } from '../model/names.js';
import { interruptible, put, type TestContext, whyIdle } from './context.js';
import { LOCAL, ROUTED, VERSION_HEADER, VERSIONS } from './names.js';

/** Percent of the requests without the header. */
export const SHARES = { v1: 80, v2: 20 } as const;

/**
 * Puts the routing rules where istiod reads them: into the primaries. Callers in a remote get them from there.
 * @returns by primary, why they could not be made.
 */
export async function putRules(context: TestContext): Promise<Map<string, unknown>> {
  const primaries = [...new Set(context.mesh.clusters.map(({ primary }) => primary))];
  const refused = new Map<string, unknown>();
  await Promise.all(
    primaries.map(async (primary) => {
      if (whyIdle(context, primary) !== undefined) return;
      const cluster = interruptible(context, primary);
      const made = Promise.all(ruleObjects(context).map((object) => put(cluster, object)));
      await made.catch((error: unknown) => {
        context.signal.throwIfAborted();
        refused.set(primary, error);
      });
    }),
  );
  return refused;
}

/** A route by header and a split on one host; locality on another. */
export function ruleObjects({ mesh, namespace }: Pick<TestContext, 'mesh' | 'namespace'>): KubeObject[] {
  const istio = (kind: string, name: string, spec: Record<string, unknown>): KubeObject => ({
    apiVersion: 'networking.istio.io/v1',
    kind,
    // The label lets destroy know that nobody will miss them.
    metadata: { name, namespace, labels: { [TRAFFIC_LABEL]: mesh.name } },
    spec,
  });
  const to = (subset: string, weight?: number) => ({
    destination: { host: ROUTED, subset },
    ...(weight === undefined ? {} : { weight }),
  });
  const match = [{ headers: { [VERSION_HEADER.name]: { exact: VERSION_HEADER.value } } }];
  return [
    istio('DestinationRule', ROUTED, {
      host: ROUTED,
      subsets: VERSIONS.map((version) => ({ name: version, labels: { version } })),
    }),
    istio('VirtualService', ROUTED, {
      hosts: [ROUTED],
      http: [
        { match, route: [to('v2')] },
        { route: VERSIONS.map((version) => to(version, SHARES[version])) },
      ],
    }),
    istio('DestinationRule', LOCAL, {
      host: LOCAL,
      trafficPolicy: {
        // Also where the mesh configuration turns it off.
        loadBalancer: { localityLbSetting: { enabled: true } },
        // Without it Istio gives localities no priorities. At its default Envoy ejects only 10 % of the pods.
        outlierDetection: {
          consecutive5xxErrors: 5,
          interval: '2s',
          baseEjectionTime: '10s',
          maxEjectionPercent: 100,
        },
      },
    }),
  ];
}
