import { ExitCode, MeshplanError } from '../../errors/index.js';
import { isMeshName, shortNames } from './names.js';
import type { ClusterReading } from './read.js';

/** A context that is to become a cluster, with what the user said of it. */
export interface Choice {
  context: string;
  role?: 'primary' | 'remote';
  /** Name or context of a remote's primary. */
  primary?: string;
}

/** One entry of `spec.clusters`, and what to say about it. */
export interface DraftCluster {
  name: string;
  context: string;
  server: string;
  role: 'primary' | 'remote';
  /** Of a remote. */
  primary?: string;
  network: string;
  region?: string;
  zone?: string;
  /** For a reader of the file: what was found there, what was guessed, what is left to do. */
  notes: string[];
  /** Whether other clusters cannot reach the kubeconfig's server, for it names this machine. */
  needsServer: boolean;
}

/** What mesh.yaml is written from. */
export interface Draft {
  mesh: string;
  /** `1.31`. */
  istioVersion: string;
  /** Where the version comes from. */
  versionNote: string;
  networks: string[];
  /** How the networks came to be. */
  networkNote: string;
  clusters: DraftCluster[];
}

/** What was found and said, before anything is guessed. */
export interface Findings {
  /** In the order in which they are to stand in the file; at least one. */
  choices: Choice[];
  readings: ReadonlyMap<string, ClusterReading>;
  mesh: string | undefined;
  /** `--istio-version`. */
  istioVersion: string | undefined;
  /** As istioctl tells it, e.g. `1.31.2`. */
  istioctlVersion: string | undefined;
}

const NETWORK = 'network1';
/** Used where nothing at hand tells a version. */
const TESTED_VERSION = '1.31';

/** Decides what the file will say; what is no more than a guess is told in a note. */
export function draftOf(findings: Findings): Draft {
  const { choices, readings } = findings;
  const names = shortNames(choices.map(({ context }) => context));
  const nameOf = (wanted: string) => names.get(wanted) ?? wanted;
  const roles = rolesOf(choices);
  const [firstPrimary = ''] = choices
    .filter((_, index) => roles[index] === 'primary')
    .map(({ context }) => context);
  const networks = networksOf(choices, readings);
  const clusters = choices.map(({ context, primary }, index): DraftCluster => {
    const reading = readings.get(context) ?? unread(context);
    const role = roles[index] ?? 'remote';
    return {
      name: nameOf(context),
      context,
      server: reading.server,
      role,
      ...(role === 'remote' ? { primary: nameOf(primary ?? firstPrimary) } : {}),
      network: networks.of.get(context) ?? NETWORK,
      ...placeOf(reading),
      notes: notesOf(reading),
      needsServer: reading.loopback,
    };
  });
  return {
    mesh: findings.mesh ?? meshIdOf(choices, readings) ?? 'mesh1',
    ...versionOf(findings),
    networks: [...new Set(clusters.map(({ network }) => network))],
    networkNote: networks.note,
    clusters,
  };
}

/** The first that nobody said anything of is the primary, where no other is. */
function rolesOf(choices: Choice[]): ('primary' | 'remote')[] {
  const free = choices.findIndex(({ role }) => role === undefined);
  const index = choices.some(({ role }) => role === 'primary') ? -1 : free;
  if (index < 0 && !choices.some(({ role }) => role === 'primary')) {
    throw new MeshplanError(
      'primary-undecided',
      'every context is to be a remote, but a mesh needs a primary',
      {
        hint: 'Say which one runs istiod: --context NAME:primary.',
        exitCode: ExitCode.invalid,
      },
    );
  }
  return choices.map(({ role }, at) => role ?? (at === index ? 'primary' : 'remote'));
}

const unread = (context: string): ClusterReading => ({
  context,
  server: '',
  loopback: false,
  error: 'it was not read',
  regions: [],
  zones: [],
  podCidrs: [],
});

/** A cluster is in one region; one that spans several is best described by hand. */
function placeOf({ regions, zones }: ClusterReading): Pick<DraftCluster, 'region' | 'zone'> {
  const [region] = regions;
  if (region === undefined) return {};
  const [zone] = zones;
  return zones.length === 1 && regions.length === 1 && zone !== undefined ? { region, zone } : { region };
}

function notesOf({ error, regions, istio }: ClusterReading): string[] {
  if (error !== undefined)
    return [`It could not be read (${error}), so nothing here is from the cluster itself.`];
  const notes: string[] = [];
  if (istio) {
    const id = istio.meshId === undefined ? '' : `, mesh ID ${istio.meshId}`;
    notes.push(
      `Istio ${istio.version} is installed there (revision ${istio.revision}${id}); meshplan plan tells what that means.`,
    );
  }
  if (regions.length === 0)
    notes.push('Its nodes carry no topology.kubernetes.io/region; locality failover needs one.');
  if (regions.length > 1)
    notes.push(`Its nodes are in several regions (${regions.join(', ')}); most are in the first.`);
  return notes;
}

/** The mesh ID of an Istio that is there already, where all that have one agree. */
function meshIdOf(choices: Choice[], readings: ReadonlyMap<string, ClusterReading>): string | undefined {
  const ids = choices.flatMap(({ context }) => readings.get(context)?.istio?.meshId ?? []);
  const [first] = ids;
  return first !== undefined && ids.every((id) => id === first) && isMeshName(first) ? first : undefined;
}

function versionOf(findings: Findings): Pick<Draft, 'istioVersion' | 'versionNote'> {
  const { istioVersion, istioctlVersion, readings } = findings;
  if (istioVersion !== undefined) return { istioVersion, versionNote: '`istioctl version` has to agree' };
  const minor = minorOf(istioctlVersion);
  if (minor)
    return {
      istioVersion: minor,
      versionNote: `any build of this minor; istioctl here is ${istioctlVersion}`,
    };
  const installed = [...readings.values()].map(({ istio }) => minorOf(istio?.version)).find(Boolean);
  if (installed)
    return {
      istioVersion: installed,
      versionNote: 'as it is installed; no istioctl was found here, and plan needs one',
    };
  return {
    istioVersion: TESTED_VERSION,
    versionNote: 'no istioctl was found here, and plan needs one of this version',
  };
}

const minorOf = (version: string | undefined) => /^\d+\.\d+/.exec(version ?? '')?.[0];

/** Which network each cluster is in, as labels say it, or as the ranges of pods let guess. */
function networksOf(
  choices: Choice[],
  readings: ReadonlyMap<string, ClusterReading>,
): { of: Map<string, string>; note: string } {
  const told = new Map(
    choices.flatMap(({ context }) => {
      const network = readings.get(context)?.network;
      return network === undefined ? [] : [[context, network] as const];
    }),
  );
  if (told.size > 0) {
    const [fallback = NETWORK] = told.values();
    const of = new Map(choices.map(({ context }) => [context, told.get(context) ?? fallback]));
    const rest = told.size < choices.length ? '; a guess for the others' : '';
    return { of, note: `as the label topology.istio.io/network of istio-system says${rest}` };
  }
  const shared = overlap(choices.map(({ context }) => readings.get(context)?.podCidrs ?? []));
  if (shared !== undefined) {
    const of = new Map(choices.map(({ context }, index) => [context, `network${index + 1}`]));
    return {
      of,
      note: `a guess: pods of several clusters have addresses in ${shared}, so they cannot reach each other directly`,
    };
  }
  const of = new Map(choices.map(({ context }) => [context, NETWORK]));
  return { of, note: 'a guess: pods of all clusters reach each other directly' };
}

/** A range of pod addresses that stands in two clusters. */
function overlap(ranges: string[][]): string | undefined {
  const seen = new Set<string>();
  for (const range of ranges) {
    const found = range.find((cidr) => seen.has(cidr));
    if (found !== undefined) return found;
    for (const cidr of range) seen.add(cidr);
  }
  return undefined;
}
