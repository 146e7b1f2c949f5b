import { dirname, join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { IMPACTS, type Impact } from '../model/action.js';
import type { PlanRequest } from '../model/request.js';
import { FLAG_GROUPS } from './help-style.js';

/** Forms in which results are written; not every command has all of them. */
export type OutputFormat = 'text' | 'json' | 'markdown' | 'junit' | 'sarif' | 'dot' | 'mermaid' | 'svg';

/** Flags of every command that reads a mesh file. */
export interface MeshFlags {
  file: string;
  overlay: string[];
  env?: string;
  strict: boolean;
  output: OutputFormat;
  color: boolean;
  quiet: boolean;
  verbose: boolean;
}

/** Flags of every command that talks to clusters. */
export interface ClusterFlags extends MeshFlags {
  state?: string;
  kubeconfig?: string;
  istioctl?: string;
  parallelism: number;
  /** Milliseconds; without it each wait has a default of its own. */
  timeout?: number;
}

/** Flags that narrow, widen or bound a plan: of `plan`, `apply`, `drift`, `destroy` and `graph`. */
export interface PlanningFlags extends ClusterFlags {
  target: string[];
  exclude: string[];
  maxImpact?: Impact;
  /** Of `plan` and `apply`. */
  adopt?: string[];
  abandon?: string[];
}

/** What `apply` and `destroy` are told of a saved plan. */
export interface PlanFileFlags {
  /** The file that holds the plan, if one is named. */
  planFile?: string;
  expectDigest?: string;
  partial: boolean;
  /** Whether the user named a mesh file; else the one that the plan was made of is meant. */
  isFileNamed: boolean;
}

/** `--overlay`, of every command that reads a mesh file. */
export const overlayOption = (): Option =>
  new Option(
    '--overlay <file>',
    'merge or RFC 6902 patch over the mesh file (repeatable; also MESHPLAN_OVERLAY)',
  )
    .argParser(collect)
    .default([], 'none');

/** `--env`, of every command that reads a mesh file. */
export const environmentOption = (): Option =>
  new Option(
    '--env <environment>',
    'the environment: its overlays, and a state of its own, meshplan.NAME.state.json',
  ).argParser(parseEnvironment);

/** Gathers the values of a flag that may be repeated. */
export const collect = (value: string, previous: string[]) => [...previous, value];

/** What most commands write; plain text for people comes first. */
const FORMATS: readonly OutputFormat[] = ['text', 'json'];

/** `-o`, with the formats of one command; the first is the default. */
export const outputOption = (formats: readonly OutputFormat[] = FORMATS): Option =>
  new Option('-o, --output <format>', 'how results are written').choices(formats).default(formats[0]);

export function withMeshFlags(command: Command, formats: readonly OutputFormat[] = FORMATS): Command {
  return command
    .optionsGroup(FLAG_GROUPS.common)
    .option('-f, --file <file>', 'the mesh file', 'mesh.yaml')
    .addOption(overlayOption())
    .addOption(environmentOption())
    .option('--strict', 'take warnings for errors', false)
    .addOption(outputOption(formats))
    .option('--no-color', 'no colour, also on a terminal')
    .option('--quiet', 'results and errors only', false)
    .option('--verbose', 'every detail', false)
    .optionsGroup(FLAG_GROUPS.own);
}

export function withClusterFlags(command: Command, formats: readonly OutputFormat[] = FORMATS): Command {
  return withStateFlags(command, formats)
    .optionsGroup(FLAG_GROUPS.common)
    .option('--kubeconfig <file>', 'kubeconfig with a context for each cluster')
    .option(
      '--istioctl <file>',
      'the istioctl that renders Istio (else MESHPLAN_ISTIOCTL, PATH, the cache of the lab)',
    )
    .option('--parallelism <n>', 'how many actions an apply runs at a time', parseCount, 10)
    .addOption(
      new Option(
        '--timeout <duration>',
        'how long each action of an apply may take, e.g. 90s (default: 10m, and each wait in it less)',
      ).argParser(parseDuration),
    )
    .optionsGroup(FLAG_GROUPS.own);
}

/** Flags of the commands that make a plan. */
export function withPlanningFlags(command: Command, formats: readonly OutputFormat[] = FORMATS): Command {
  return withClusterFlags(command, formats)
    .optionsGroup(FLAG_GROUPS.plan)
    .addOption(
      new Option('--target <address>', 'only this action or object, or glob, and what it needs (repeatable)')
        .argParser(collect)
        .default([], 'everything'),
    )
    .addOption(
      new Option('--exclude <address>', 'not this one, nor what depends on it (repeatable)')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(maxImpactOption())
    .optionsGroup(FLAG_GROUPS.own);
}

/** `--max-impact`, of the commands that make a plan. */
export const maxImpactOption = (): Option =>
  new Option('--max-impact <level>', 'refuse a plan that does more to traffic')
    .choices(IMPACTS)
    .helpGroup(FLAG_GROUPS.plan);

/** Flags of the commands that take a saved plan. */
export function withPlanFileFlags(command: Command): Command {
  return command
    .argument('[planfile]', 'a plan that `plan --out` saved')
    .option('--expect-digest <digest>', 'refuse a saved plan with another digest than the one approved')
    .option('--partial', 'apply a saved plan to the clusters in which nothing is stale', false);
}

/** `--adopt`, of the commands that make what they find their own. */
export const adoptOption = (): Option =>
  new Option(
    '--adopt [what]',
    'take over what was there before: all of it, or an address with globs, or manager:NAME (repeatable)',
  )
    .preset('**')
    .helpGroup(FLAG_GROUPS.plan)
    .argParser((value: string, previous: string[] | undefined) => collect(value, previous ?? []));

/** `--abandon`, of the commands that can do without a cluster. */
export const abandonOption = (): Option =>
  new Option('--abandon <cluster>', 'plan without a cluster that is gone for good (repeatable)')
    .argParser(collect)
    .default([], 'none');

/** What the flags ask of a plan; commands without such flags ask nothing. */
export const requestOf = ({
  target,
  exclude,
  maxImpact,
  adopt,
  abandon,
}: Partial<PlanningFlags>): PlanRequest => ({
  ...(target?.length ? { targets: target } : {}),
  ...(exclude?.length ? { excludes: exclude } : {}),
  ...(maxImpact ? { maxImpact } : {}),
  ...(adopt ? { adopt } : {}),
  ...(abandon?.length ? { abandon } : {}),
});

/** Flags of the commands that look at the state alone. */
export function withStateFlags(command: Command, formats: readonly OutputFormat[] = FORMATS): Command {
  return withMeshFlags(command, formats)
    .optionsGroup(FLAG_GROUPS.common)
    .option('--state <file>', 'the state file (default: meshplan.state.json beside the mesh file)')
    .optionsGroup(FLAG_GROUPS.own);
}

/** The name becomes part of a file name, so it may lead nowhere else. */
export function parseEnvironment(text: string): string {
  if (/^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(text)) return text;
  throw new InvalidArgumentError('It must be a plain name: letters, digits, and - _ . between them.');
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return count;
}

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** `90s`, `5m`, `1m30s` → milliseconds. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    throw new InvalidArgumentError('It must be a duration such as 90s or 5m.');
  }
  return parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0);
}

/** A duration of at least a second: looking more often than that would only load the servers. */
export function parseInterval(text: string): number {
  const interval = parseDuration(text);
  if (interval >= 1_000) return interval;
  throw new InvalidArgumentError('It must be at least 1s.');
}

/** Overlays from the flag, after those of the environment (a path list, as PATH is). */
export function overlaysOf(flags: Pick<MeshFlags, 'overlay'>): string[] {
  const fromEnvironment = (process.env.MESHPLAN_OVERLAY ?? '').split(':').filter(Boolean);
  return [...fromEnvironment, ...flags.overlay];
}

/** Where the state of a mesh file is kept. */
export function stateFileOf(flags: Pick<ClusterFlags, 'state' | 'env' | 'file'>): string {
  if (flags.state) return flags.state;
  return join(dirname(flags.file), flags.env ? `meshplan.${flags.env}.state.json` : 'meshplan.state.json');
}
