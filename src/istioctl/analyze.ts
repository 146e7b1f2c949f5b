import type { AnalysisMessage } from '../model/analysis.js';
import { broken, reasonOf, runIstioctl } from './run.js';

/** `istioctl analyze` waits for ever where it may not read something; 0.5 s is usual. */
const TIMEOUT_MS = 20_000;

/** How istioctl names the cluster of `--context`; others by their context. */
const FIRST_CLUSTER = 'default';

/** A cluster by its name in mesh.yaml and its context. */
export interface AnalyzedCluster {
  name: string;
  context: string;
}

export interface AnalysisInput {
  /** What stands for KUBECONFIG: files in which all contexts are. */
  kubeconfig: string;
  primary: AnalyzedCluster;
  remotes: AnalyzedCluster[];
  signal?: AbortSignal;
}

/**
 * `istioctl analyze` over a primary and its remotes, with the user's own kubeconfig: no credentials are copied.
 * Messages of level Info are not asked for.
 * @throws MeshplanError `istioctl-broken`.
 */
export async function analyzeClusters(path: string, input: AnalysisInput): Promise<AnalysisMessage[]> {
  const { kubeconfig, primary, remotes, signal } = input;
  const args = [
    'analyze',
    '--all-namespaces',
    ...['--output', 'json', '--output-threshold', 'Warning', '--color=false'],
    ...['--context', primary.context],
    ...remotes.flatMap(({ context }) => ['--remote-contexts', context]),
  ];
  const output = await runIstioctl(path, args, undefined, {
    kubeconfig,
    timeoutMs: TIMEOUT_MS,
    ...(signal ? { signal } : {}),
  });
  signal?.throwIfAborted();
  const messages = output.exitCode === 0 ? readMessages(output.stdout) : undefined;
  if (!messages) throw broken(path, `\`istioctl analyze\` failed: ${reasonOf(output)}`);
  const names = new Map(remotes.map(({ name, context }) => [context, name]));
  return messages.map(({ cluster = FIRST_CLUSTER, ...message }) => ({
    ...message,
    cluster: names.get(cluster) ?? primary.name,
  }));
}

/** The JSON of istioctl, which writes `null` or nothing where it has nothing to say. */
export function readMessages(
  text: string,
): (Omit<AnalysisMessage, 'cluster'> & { cluster?: string })[] | undefined {
  if (text.trim() === '') return [];
  try {
    const answer: unknown = JSON.parse(text);
    return answer === null ? [] : Array.isArray(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}
