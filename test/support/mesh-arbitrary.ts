import fc from 'fast-check';
import {
  type ClusterSpec,
  type MeshSpec,
  type PatchSpec,
  settled,
  TRAFFIC_PARTS,
  type TrafficSpec,
  type WorkloadSpec,
} from './mesh-spec.js';

const REGIONS = ['us-east-1', 'us-west-2', 'eu-west-1'];
const LABELS = ['red', 'green', 'blue'];
const VERSIONS = ['v1', 'v2', 'v3'];
const INJECTIONS = [true, false, 'default'] as const;
const SELECTED = ['list', 'labels', 'except'] as const;
const LOCALITIES = ['none', 'failover', 'distribute'] as const;
const WAYS = ['merge', 'json'] as const;

/** Clusters with one to three primaries, each remote served by one of them. */
const topologies: fc.Arbitrary<ClusterSpec[]> = fc
  .record({ primaries: fc.integer({ min: 1, max: 3 }), remotes: fc.array(fc.nat(), { maxLength: 4 }) })
  .chain(({ primaries, remotes }) =>
    fc
      .array(fc.constantFrom(...REGIONS), {
        minLength: primaries + remotes.length,
        maxLength: primaries + remotes.length,
      })
      .map((regions) =>
        regions.map((region, index) => ({
          name: `c${index + 1}`,
          ...(index < primaries
            ? {}
            : { primary: `c${((remotes[index - primaries] ?? 0) % primaries) + 1}` }),
          region,
        })),
      ),
  );

/** Parts of a mesh over given clusters; made valid by `settled`. */
function meshesOn(clusters: ClusterSpec[]): fc.Arbitrary<MeshSpec> {
  const names = clusters.map(({ name }) => name);
  const some = fc.subarray(names, { minLength: 1 });
  const namespaceNames = ['shop', 'pay', 'web'];
  const workloadNames = ['cart', 'front', 'back', 'stock'];
  return fc
    .record({
      name: fc.constant('mesh1'),
      clusters: fc.constant(clusters),
      replicas: fc.integer({ min: 1, max: 3 }),
      trustDomain: fc.constantFrom('cluster.local', 'mesh.example'),
      remoteKeys: fc.boolean(),
      namespaces: fc.uniqueArray(
        fc.record({
          name: fc.constantFrom(...namespaceNames),
          injection: fc.constantFrom(...INJECTIONS),
          clusters: fc.oneof({ weight: 2, arbitrary: fc.constant(names) }, { weight: 1, arbitrary: some }),
          label: fc.constantFrom(...LABELS),
        }),
        { selector: ({ name }) => name },
      ),
      workloads: fc.uniqueArray(
        fc.record<WorkloadSpec>({
          name: fc.constantFrom(...workloadNames),
          namespace: fc.constantFrom(...namespaceNames),
          clusters: some,
          callableFrom: fc.subarray(names),
          replicas: fc.integer({ min: 1, max: 2 }),
          version: fc.constantFrom(...VERSIONS),
          label: fc.constantFrom(...LABELS),
          withService: fc.boolean(),
          selected: fc.constantFrom(...SELECTED),
          patches: fc.array(
            fc.record<PatchSpec>({
              clusters: some,
              way: fc.constantFrom(...WAYS),
              value: fc.constantFrom(...VERSIONS),
            }),
            { maxLength: 2 },
          ),
        }),
        { selector: ({ name }) => name },
      ),
      traffic: fc.uniqueArray(
        fc.record({
          workload: fc.constantFrom(...workloadNames),
          canary: fc.integer({ min: 0, max: 100 }),
          locality: fc.constantFrom(...LOCALITIES),
          more: fc.subarray([...TRAFFIC_PARTS]),
        }),
        { selector: ({ workload }) => workload },
      ),
      alerts: fc.boolean(),
      dashboards: fc.boolean(),
      quota: fc.boolean(),
    })
    .map(settled);
}

/** Valid meshes of any topology. */
export const meshes: fc.Arbitrary<MeshSpec> = topologies.chain(meshesOn);

/** Valid meshes on clusters that exist. */
export const meshesOf = (clusters: ClusterSpec[]): fc.Arbitrary<MeshSpec> => meshesOn(clusters);

/** What a user changes in a mesh file; `pick` chooses among what is there. */
export interface Edit {
  kind: (typeof EDITS)[number];
  pick: number;
}

const EDITS = [
  'add-namespace',
  'remove-namespace',
  'rename-namespace',
  'label-namespace',
  'add-workload',
  'remove-workload',
  'scale',
  'upgrade',
  'label',
  'callable',
  'service',
  'move',
  'select',
  'patch',
  'inject',
  'traffic',
  'traffic-part',
  'monitoring',
  'quota',
] as const;

export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({ kind: fc.constantFrom(...EDITS), pick: fc.nat({ max: 1_000 }) }),
  { minLength: 1, maxLength: 4 },
);

/** The mesh after some edits; still valid. */
export const edited = (spec: MeshSpec, all: readonly Edit[]): MeshSpec => all.reduce(edit, spec);

function edit(spec: MeshSpec, { kind, pick }: Edit): MeshSpec {
  const names = spec.clusters.map(({ name }) => name);
  const of = <T>(list: readonly T[]): T | undefined => list[pick % Math.max(1, list.length)];
  const [namespace, workload] = [of(spec.namespaces), of(spec.workloads)];
  const other = <T>(list: readonly T[], value: T): T =>
    list[(list.indexOf(value) + 1) % list.length] ?? value;
  const change = <T extends { name: string }>(list: T[], item: T | undefined, change: (item: T) => T) =>
    list.map((one) => (one === item ? change(one) : one));
  const workloads = (with_: (item: WorkloadSpec) => WorkloadSpec) =>
    settled({ ...spec, workloads: change(spec.workloads, workload, with_) });
  const isFree = (list: { name: string }[], name: string) => !list.some((item) => item.name === name);
  switch (kind) {
    case 'add-namespace': {
      const added = { name: `extra-${pick % 3}`, injection: pick % 2 === 0, clusters: names, label: 'red' };
      return isFree(spec.namespaces, added.name)
        ? { ...spec, namespaces: [...spec.namespaces, added] }
        : spec;
    }
    case 'remove-namespace':
      return settled({ ...spec, namespaces: spec.namespaces.filter((item) => item !== namespace) });
    case 'rename-namespace': {
      const name = `${namespace?.name.replace(/-x$/, '')}-x`;
      if (!namespace || !isFree(spec.namespaces, name)) return spec;
      return {
        ...spec,
        namespaces: change(spec.namespaces, namespace, (item) => ({ ...item, name })),
        workloads: spec.workloads.map((item) =>
          item.namespace === namespace.name ? { ...item, namespace: name } : item,
        ),
      };
    }
    case 'label-namespace':
      return {
        ...spec,
        namespaces: change(spec.namespaces, namespace, (item) => ({
          ...item,
          label: other(LABELS, item.label),
        })),
      };
    case 'add-workload': {
      const name = `more-${pick % 3}`;
      if (!namespace || !isFree(spec.workloads, name)) return spec;
      const added: WorkloadSpec = {
        name,
        namespace: namespace.name,
        clusters: namespace.clusters.slice(0, 1 + (pick % 2)),
        callableFrom: names,
        replicas: 1,
        version: 'v1',
        label: 'red',
        withService: pick % 2 === 0,
        selected: 'list',
        patches: [],
      };
      return settled({ ...spec, workloads: [...spec.workloads, added] });
    }
    case 'remove-workload':
      return settled({ ...spec, workloads: spec.workloads.filter((item) => item !== workload) });
    case 'scale':
      return workloads((item) => ({ ...item, replicas: (item.replicas % 3) + 1 }));
    case 'upgrade':
      return workloads((item) => ({ ...item, version: other(VERSIONS, item.version) }));
    case 'label':
      return workloads((item) => ({ ...item, label: other(LABELS, item.label) }));
    case 'callable':
      return workloads((item) => ({ ...item, callableFrom: item.callableFrom.length > 0 ? [] : names }));
    case 'service':
      return workloads((item) => ({ ...item, withService: !item.withService }));
    case 'move':
      return workloads((item) => ({ ...item, clusters: item.clusters.map((name) => other(names, name)) }));
    case 'select':
      return workloads((item) => ({ ...item, selected: other(SELECTED, item.selected) }));
    case 'patch':
      return workloads((item) => ({
        ...item,
        patches: item.patches.length > 1 ? item.patches.slice(1) : [...item.patches, patch(item, pick)],
      }));
    case 'inject':
      return {
        ...spec,
        namespaces: change(spec.namespaces, namespace, (item) => ({
          ...item,
          injection: other(INJECTIONS, item.injection),
        })),
      };
    case 'traffic-part':
      return {
        ...spec,
        traffic: spec.traffic.map((item, index) =>
          index === pick % spec.traffic.length ? withOtherPart(item, pick) : item,
        ),
      };
    case 'quota':
      return { ...spec, quota: !spec.quota };
    case 'traffic': {
      const rest = spec.traffic.filter((item) => item.workload !== workload?.name);
      if (!workload || rest.length < spec.traffic.length) return { ...spec, traffic: rest };
      return settled({
        ...spec,
        traffic: [...rest, trafficFor(workload, pick)],
      });
    }
    case 'monitoring':
      return { ...spec, alerts: !spec.alerts, dashboards: pick % 2 === 0 };
  }
}

const patch = ({ clusters }: WorkloadSpec, pick: number): PatchSpec => ({
  clusters: clusters.slice(pick % clusters.length),
  way: pick % 2 === 0 ? 'merge' : 'json',
  value: `v${pick % 7}`,
});

const trafficFor = ({ name }: WorkloadSpec, pick: number): TrafficSpec => ({
  workload: name,
  canary: pick % 101,
  locality: pick % 2 === 0 ? 'failover' : 'none',
  more: [],
});

/** One part of a rule more or less, or another kind of locality. */
function withOtherPart(rule: TrafficSpec, pick: number): TrafficSpec {
  const part = TRAFFIC_PARTS[pick % (TRAFFIC_PARTS.length + 1)];
  if (part === undefined)
    return { ...rule, locality: rule.locality === 'failover' ? 'distribute' : 'failover' };
  const rest = rule.more.filter((item) => item !== part);
  return { ...rule, more: rest.length < rule.more.length ? rest : [...rest, part] };
}
