import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A mesh as tests make it up: few words, from which a mesh file and its manifests are written. */
export interface MeshSpec {
  name: string;
  clusters: ClusterSpec[];
  replicas: number;
  trustDomain: string;
  remoteKeys: boolean;
  namespaces: NamespaceSpec[];
  workloads: WorkloadSpec[];
  traffic: TrafficSpec[];
  alerts: boolean;
  dashboards: boolean;
  /** Whether istiod's namespace has a ResourceQuota and a LimitRange. */
  quota: boolean;
  /** Where a Service stands that no API server takes. */
  broken?: NamespaceSpec;
}

export interface ClusterSpec {
  name: string;
  /** The kubeconfig context, where it is not the name. */
  context?: string;
  /** Of a remote: its primary. */
  primary?: string;
  region: string;
}

export interface NamespaceSpec {
  name: string;
  /** Or the revision whose injector gives the sidecar. */
  injection: boolean | 'default';
  clusters: string[];
  label: string;
}

export interface WorkloadSpec {
  name: string;
  namespace: string;
  clusters: string[];
  callableFrom: string[];
  replicas: number;
  version: string;
  label: string;
  withService: boolean;
  /** How mesh.yaml tells its clusters; what is told by labels moves when the labels of clusters change. */
  selected: 'list' | 'labels' | 'except';
  patches: PatchSpec[];
}

export interface PatchSpec {
  clusters: string[];
  way: 'merge' | 'json';
  value: string;
}

export interface TrafficSpec {
  /** Of a workload with a Service. */
  workload: string;
  canary: number;
  locality: 'none' | 'failover' | 'distribute';
  more: TrafficPart[];
}

export const TRAFFIC_PARTS = ['match', 'mirror', 'delay', 'abort', 'pool', 'hash', 'tls', 'subset'] as const;
export type TrafficPart = (typeof TRAFFIC_PARTS)[number];

export const primariesOf = ({ clusters }: MeshSpec): string[] =>
  clusters.filter(({ primary }) => primary === undefined).map(({ name }) => name);

/**
 * The spec with all that its parts no longer permit taken away, so that any edit leaves a valid mesh: a
 * workload is where its namespace is, and traffic is for Services whose namespace every primary has.
 */
export function settled(spec: MeshSpec): MeshSpec {
  const names = spec.clusters.map(({ name }) => name);
  const within = (wanted: string[], allowed: string[]) => allowed.filter((name) => wanted.includes(name));
  const namespaces = spec.namespaces
    .map((item) => ({ ...item, clusters: within(item.clusters, names) }))
    .filter(({ clusters }) => clusters.length > 0);
  const workloads = spec.workloads.flatMap((item): WorkloadSpec[] => {
    const home = namespaces.find(({ name }) => name === item.namespace)?.clusters ?? [];
    const clusters = within(item.clusters, home);
    if (clusters.length === 0) return [];
    const others = home.filter((name) => !clusters.includes(name));
    const patches = item.patches
      .map((patch) => ({ ...patch, clusters: within(patch.clusters, clusters) }))
      .filter((patch) => patch.clusters.length > 0);
    const callableFrom = item.withService ? within(item.callableFrom, others) : [];
    return [{ ...item, clusters, patches, callableFrom }];
  });
  const traffic = spec.traffic.filter(({ workload }) => {
    const found = workloads.find(({ name }) => name === workload);
    const home = namespaces.find(({ name }) => name === found?.namespace)?.clusters ?? [];
    return found?.withService === true && primariesOf(spec).every((name) => home.includes(name));
  });
  return { ...spec, namespaces, workloads, traffic };
}

/** Writes the mesh file and its manifests, in place of those of another spec. */
export async function writeMesh(folder: string, spec: MeshSpec): Promise<string> {
  await rm(join(folder, 'apps'), { recursive: true, force: true });
  for (const [name, text] of Object.entries(filesOf(spec))) {
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return join(folder, 'mesh.yaml');
}

/** All files by name. JSON is YAML. */
function filesOf(spec: MeshSpec): Record<string, string> {
  const manifests = spec.workloads.map((item) => [
    manifestOf(item),
    objectsOf(item)
      .map((object) => JSON.stringify(object))
      .join('\n---\n'),
  ]);
  return {
    'mesh.yaml': JSON.stringify(meshOf(spec), null, 2),
    ...Object.fromEntries(manifests),
    ...(spec.broken ? { [BROKEN]: JSON.stringify(brokenService(spec.broken)) } : {}),
  };
}

const BROKEN = 'apps/broken.yaml';

/** The configuration does not look into ports; an API server does. */
const brokenService = ({ name: namespace }: NamespaceSpec) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'broken', namespace },
  spec: { ports: [{ port: 70_000 }] },
});

const manifestOf = ({ name }: WorkloadSpec) => `apps/${name}.yaml`;

function meshOf(spec: MeshSpec): object {
  const { name, clusters, replicas, trustDomain, remoteKeys, namespaces, workloads, traffic } = spec;
  const names = clusters.map((cluster) => cluster.name);
  const optional = <T>(key: string, list: T[]) => (list.length > 0 ? { [key]: list } : {});
  return {
    apiVersion: 'meshplan/v1',
    kind: 'Mesh',
    metadata: { name },
    spec: {
      istio: { version: '1.31' },
      trust: { domain: trustDomain, ca: { source: 'generated', remoteKeys } },
      clusters: clusters.map(({ primary, region, ...rest }) => ({
        ...rest,
        role: primary === undefined ? 'primary' : 'remote',
        ...(primary === undefined ? {} : { primary }),
        locality: { region },
        labels: labelsOf(rest.name, workloads),
      })),
      controlPlane: { replicas, ...(spec.quota ? { quota: QUOTA } : {}) },
      ...optional(
        'namespaces',
        namespaces.map(({ label, injection, ...rest }) => ({
          ...rest,
          injection: injection === 'default' ? { revision: injection } : injection,
          labels: { team: label },
        })),
      ),
      ...optional('workloads', [
        ...workloads.map((item) => ({
          manifests: manifestOf(item),
          clusters: selectorOf(item, names),
          ...optional('callableFrom', item.callableFrom),
          ...optional('patches', item.patches.flatMap(patchesOf(item))),
        })),
        ...(spec.broken ? [{ manifests: BROKEN, clusters: spec.broken.clusters }] : []),
      ]),
      ...optional(
        'traffic',
        traffic.map((rule) => trafficOf(rule, spec)),
      ),
      monitoring: { alerts: spec.alerts, dashboards: spec.dashboards },
    },
  };
}

/** Enough for twice the pods that any of these meshes asks for. */
const QUOTA = {
  hard: { pods: 30, 'requests.cpu': '20' },
  limits: { defaultRequest: { cpu: '50m', memory: '64Mi' } },
};

const labelFor = (workload: string) => `runs-${workload}`;

/** A cluster is labelled for the workloads that are chosen by labels. */
const labelsOf = (cluster: string, workloads: WorkloadSpec[]) =>
  Object.fromEntries(
    workloads.filter(({ clusters }) => clusters.includes(cluster)).map(({ name }) => [labelFor(name), 'yes']),
  );

function selectorOf({ name, clusters, selected }: WorkloadSpec, all: string[]): string | object {
  if (selected === 'labels') return { labels: { [labelFor(name)]: 'yes' } };
  if (selected === 'list') return clusters;
  const others = all.filter((cluster) => !clusters.includes(cluster));
  return others.length > 0 ? { except: others } : 'all';
}

/** One key more in a ConfigMap, and other replicas, in some clusters. */
const patchesOf =
  ({ name }: WorkloadSpec) =>
  ({ clusters, way, value }: PatchSpec): object[] => {
    const target = (kind: string) => ({ clusters, target: { kind, name } });
    if (way === 'merge') return [{ ...target('ConfigMap'), merge: { data: { extra: value } } }];
    const container = '/spec/template/spec/containers/0';
    const json = [
      { op: 'add', path: '/spec/replicas', value: 4 },
      { op: 'add', path: `${container}/env`, value: [{ name: 'EXTRA', value }] },
    ];
    return [{ ...target('Deployment'), json }];
  };

function trafficOf({ workload, canary, locality, more }: TrafficSpec, spec: MeshSpec): object {
  const target = spec.workloads.find(({ name }) => name === workload);
  const [first = '', second] = [...new Set(spec.clusters.map(({ region }) => region))];
  const shares = { [first]: canary, ...(second && canary < 100 ? { [second]: 100 - canary } : {}) };
  const localities = {
    none: {},
    failover: second ? { failover: [{ from: first, to: second }] } : {},
    distribute: canary > 0 && second ? { distribute: [{ from: first, to: shares }] } : {},
  };
  const has = (part: TrafficPart, value: object) => (more.includes(part) ? value : {});
  const pool = { tcp: { maxConnections: 10 + canary, connectTimeout: '3s' } };
  const to = [
    { subset: 'stable', weight: 100 - canary },
    { subset: 'canary', weight: canary },
  ];
  const delay = { fixedDelay: '500ms', percent: canary };
  const abort = { httpStatus: 503, percent: canary };
  const fault = { ...has('delay', { delay }), ...has('abort', { abort }) };
  const testers = [
    {
      match: [{ headers: { test: { exact: 'yes' } } }, { path: { prefix: '/t' } }],
      to: [{ subset: 'canary' }],
    },
  ];
  return {
    host: `${workload}.${target?.namespace}.svc.cluster.local`,
    subsets: { stable: { version: target?.version ?? '' }, canary: { track: 'canary' } },
    routes: [
      ...(more.includes('match') ? testers : []),
      {
        to,
        ...has('mirror', { mirrors: [{ subset: 'canary', percent: 1 }] }),
        ...(Object.keys(fault).length > 0 ? { fault } : {}),
      },
    ],
    ...localities[locality],
    outlierDetection: { consecutive5xxErrors: 5, interval: '30s', baseEjectionTime: '30s' },
    ...has('pool', { connectionPool: { ...pool, http: { maxRetries: 1 + canary } } }),
    ...has('hash', { loadBalancer: { consistentHash: { httpHeaderName: 'x-user' } } }),
    ...has('tls', { tls: { mode: 'ISTIO_MUTUAL' } }),
    ...has('subset', { subsetPolicies: { canary: { connectionPool: pool } } }),
  };
}

function objectsOf({ name, namespace, replicas, version, label, withService }: WorkloadSpec): object[] {
  const metadata = { name, namespace, labels: { team: label } };
  const selector = { app: name };
  const container = { name, image: `example.invalid/${name}:${version}`, ports: [{ containerPort: 8080 }] };
  const pod = { metadata: { labels: { ...selector, version } }, spec: { containers: [container] } };
  const spec = { replicas, selector: { matchLabels: selector }, template: pod };
  const service = { selector, ports: [{ name: 'http', port: 80, targetPort: 8080 }] };
  return [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { version, label } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec },
    ...(withService ? [{ apiVersion: 'v1', kind: 'Service', metadata, spec: service }] : []),
  ];
}
