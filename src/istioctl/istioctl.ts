import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { IstioFinding } from '../model/checks.js';
import type { KubeObject } from '../model/kube.js';
import type { JsonObject } from '../model/resolved-mesh.js';
import type { RenderCache } from './cache.js';
import { broken, reasonOf, runIstioctl } from './run.js';
import { validateObjects } from './validate.js';

/** The istioctl that renders Istio's objects. Its version decides what is rendered. */
export interface Istioctl {
  /** Absolute path of the program. */
  readonly path: string;
  /** As `istioctl version --remote=false` says it, e.g. `1.31.2` or `1.31-dev`. */
  readonly version: string;
  /** Objects of an IstioOperator document; the same input is rendered once, unless that failed. */
  render(operator: JsonObject): Promise<KubeObject[]>;
  /** What Istio's own validation says of objects of its kinds; the same objects are asked about once. */
  validate(objects: KubeObject[]): Promise<IstioFinding[]>;
}

/**
 * Opens the program at `path`.
 * @throws MeshplanError `istioctl-broken` when it cannot tell its version (exit code 3).
 */
export async function openIstioctl(path: string, cache: RenderCache): Promise<Istioctl> {
  const version = await readVersion(path, cache);
  const running = new Map<string, Promise<KubeObject[]>>();
  return {
    path,
    version,
    render(operator) {
      const input = JSON.stringify(operator);
      const key = digest(`${version}\n${input}`);
      const known = running.get(key);
      if (known) return known;
      const rendering = renderOnce(path, input, key, cache);
      running.set(key, rendering);
      // A failure is told once and not kept: the next try may succeed.
      rendering.catch(() => running.delete(key));
      return rendering;
    },
    async validate(objects) {
      if (objects.length === 0) return [];
      const key = digest(`validate ${version}\n${JSON.stringify(objects)}`);
      const known = await cache.read<IstioFinding[]>(key);
      const findings = known ?? (await validateObjects(path, objects));
      if (!known) await cache.write(key, findings);
      return findings;
    },
  };
}

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** Asking costs a process, so the answer is kept for as long as the file stays the same. */
async function readVersion(path: string, cache: RenderCache): Promise<string> {
  const file = await stat(path).catch((cause: unknown) => {
    throw broken(path, 'it cannot be opened', { cause });
  });
  const key = digest(`version ${path} ${file.size} ${file.mtimeMs} ${file.ino}`);
  const known = await cache.read<string>(key);
  if (known !== undefined) return known;
  const result = await run(path, ['version', '--remote=false', '--output', 'json'], undefined);
  const version = clientVersionOf(result);
  if (!version) throw broken(path, 'it tells no version');
  await cache.write(key, version);
  return version;
}

function clientVersionOf(answer: string): string | undefined {
  try {
    return (JSON.parse(answer) as { clientVersion?: { version?: string } }).clientVersion?.version;
  } catch {
    return undefined;
  }
}

async function renderOnce(
  path: string,
  input: string,
  key: string,
  cache: RenderCache,
): Promise<KubeObject[]> {
  const known = await cache.read<KubeObject[]>(key);
  if (known !== undefined) return known;
  const output = await run(path, ['manifest', 'generate', '--filename', '-'], input, BAD_INPUT);
  const { loadAll } = await import('js-yaml');
  const objects = loadAll(output).filter(
    (item): item is KubeObject => typeof item === 'object' && item !== null,
  );
  await cache.write(key, objects);
  return objects;
}

async function run(path: string, args: string[], input: string | undefined, hint?: string): Promise<string> {
  const output = await runIstioctl(path, args, input);
  if (output.exitCode === 0) return output.stdout;
  const reason = `\`istioctl ${args.slice(0, 2).join(' ')}\` failed: ${reasonOf(output)}`;
  throw broken(path, reason, hint === undefined ? {} : { hint });
}

const BAD_INPUT =
  'Check istio.values and istio.meshConfig in mesh.yaml, or pass another one with --istioctl.';
