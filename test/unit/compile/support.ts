import { fileURLToPath } from 'node:url';
import { type Charts, chartInputs } from '../../../src/compile/charts.js';
import { compile } from '../../../src/compile/compile.js';
import { loadMesh } from '../../../src/config/index.js';
import type { DesiredAction } from '../../../src/model/action.js';
import type { Cacerts, Facts, ReachableCluster } from '../../../src/model/facts.js';
import type { KubeObject } from '../../../src/model/kube.js';
import type {
  JsonObject,
  ResolvedCluster,
  ResolvedMesh,
  ResolvedWorkload,
} from '../../../src/model/resolved-mesh.js';

const source = { file: 'mesh.yaml', line: 1, column: 1 };

/** A mesh file of examples/, resolved by the real configuration. */
export async function exampleMesh(name: string): Promise<ResolvedMesh> {
  const file = fileURLToPath(new URL(`../../../examples/${name}/mesh.yaml`, import.meta.url));
  return (await loadMesh(file)).mesh;
}

/** A primary where `primary` is its own name, else a remote. */
export function clusterOf(
  name: string,
  primary: string,
  fields: Partial<ResolvedCluster> = {},
): ResolvedCluster {
  return {
    name,
    context: name,
    role: name === primary ? 'primary' : 'remote',
    primary,
    network: 'network1',
    labels: {},
    values: {},
    controlPlane: { replicas: 1, exposure: { type: 'LoadBalancer', annotations: {}, allowFrom: [] } },
    source,
    ...fields,
  };
}

export function meshOf(clusters: ResolvedCluster[], fields: Partial<ResolvedMesh> = {}): ResolvedMesh {
  return {
    name: 'mesh1',
    istio: { version: '1.31', meshConfig: {}, values: {} },
    trust: {
      domain: 'cluster.local',
      source: 'generated',
      root: { organization: 'Istio', validityDays: 3650, keyBits: 3072 },
      intermediates: { validityDays: 730, renewBeforeDays: 60 },
      remoteKeys: true,
    },
    networks: ['network1'],
    clusters,
    fenced: [],
    namespaces: [],
    workloads: [],
    traffic: [],
    monitoring: { alerts: false, dashboards: false },
    drift: { ignore: [] },
    lint: { severities: {}, waivers: [] },
    overlays: [],
    ...fields,
  };
}

/** A namespace of mesh.yaml with injection. */
export const injected = (name: string, clusters: string[]) => ({
  name,
  injection: true,
  clusters,
  labels: {},
  annotations: {},
  source,
});

/** A workload of mesh.yaml with the same objects in each of its clusters. */
export function workload(
  manifests: string,
  objects: KubeObject[],
  clusters: string[],
  callableFrom: string[] = [],
): ResolvedWorkload {
  const placed = objects.map((object) => ({ object, source }));
  return {
    manifests,
    objects: new Map(clusters.map((name) => [name, placed])),
    callable: new Map(callableFrom.map((name) => [name, objects.filter(({ kind }) => kind === 'Service')])),
    clusters,
    callableFrom,
    source,
  };
}

export const deployment = (name: string, namespace: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: `${name}:v1` }] } },
  },
});

export const service = (name: string, namespace: string, spec: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace },
  spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }], ...spec },
});

/** A CustomResourceDefinition of a namespaced kind in version v1. */
export function crdOf(group: string, kind: string): KubeObject {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, plural },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true }],
    },
  };
}

/**
 * A few objects in place of what istioctl renders: a CRD, a ConfigMap with all values (so that an address
 * that is not known yet stands in it, as it does in the charts) and, on a primary, istiod's Deployment.
 */
export function tinyCharts(mesh: ResolvedMesh, addresses: Record<string, string>): Charts {
  const charts: Charts = {};
  for (const { cluster, operator } of chartInputs(mesh, addresses)) {
    const { profile, values } = operator.spec as { profile: string; values: JsonObject };
    const crd = crdOf('networking.istio.io', 'VirtualService');
    const config: KubeObject = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'values', namespace: 'istio-system' },
      data: { values: JSON.stringify(values) },
    };
    const istiod = profile === 'minimal' ? [deployment('istiod', 'istio-system')] : [];
    charts[cluster] = [crd, config, ...istiod];
  }
  return charts;
}

export const noFacts = (): Facts => ({ clusters: {}, addresses: {}, cacerts: {}, readerTokens: {} });

const cacertsOf = (name: string): Cacerts => ({
  'ca-cert.pem': `certificate of ${name}`,
  'ca-key.pem': `key of ${name}`,
  'root-cert.pem': 'root',
  'cert-chain.pem': `chain of ${name}`,
});

export const reachable = (name: string, kinds: string[] = []): ReachableCluster => ({
  reachable: true,
  uid: `uid-of-${name}`,
  server: `https://${name}.example:6443`,
  version: 'v1.37.2',
  resources: kinds.map((kind) => ({ apiVersion: 'v1', kind, plural: kind, namespaced: true, verbs: [] })),
  namespaces: new Map(),
  unread: [],
  loopbackAllowed: false,
});

/** Everything that a mesh in full operation tells; `address` is that of every primary. */
export function fullFacts(mesh: ResolvedMesh, address = '203.0.113.10'): Facts {
  const facts: Facts = {
    ...noFacts(),
    root: { certPem: 'root', fingerprint: 'aa', keyAvailable: true },
  };
  for (const { name, role } of mesh.clusters) {
    facts.clusters[name] = reachable(name);
    facts.cacerts[name] = cacertsOf(name);
    if (role === 'primary') facts.addresses[name] = address;
    else facts.readerTokens[name] = { token: `token of ${name}`, ca: `CA of ${name}` };
  }
  return facts;
}

/** Compiles with tiny charts. */
export const compiled = (mesh: ResolvedMesh, facts: Facts = noFacts()): DesiredAction[] =>
  compile(mesh, facts, tinyCharts(mesh, facts.addresses));

/** The action of that id; a missing one fails the test by its name. */
export function action(actions: readonly DesiredAction[], id: string): DesiredAction {
  const found = actions.find((item) => item.id === id);
  if (!found) throw new Error(`no action ${id} among ${actions.map((item) => item.id).join(', ')}`);
  return found;
}

/** Ids of all that comes before an action, directly or through others. */
export function ancestors(actions: readonly DesiredAction[], id: string): Set<string> {
  const found = new Set<string>();
  const visit = (current: string) => {
    for (const before of action(actions, current).after) {
      if (found.has(before)) continue;
      found.add(before);
      visit(before);
    }
  };
  visit(id);
  return found;
}
