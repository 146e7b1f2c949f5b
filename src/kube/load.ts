import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { ExitCode, MeshplanError } from '../errors/index.js';

/** The kubeconfig files that are read, in kubectl's order. */
export function filesOf(file: string | undefined): string[] {
  if (file) return [file];
  const named = (process.env.KUBECONFIG ?? '').split(delimiter).filter(Boolean);
  return named.length > 0 ? named : [join(homedir(), '.kube', 'config')];
}

export const invalid = (code: string, message: string, hint: string, cause?: unknown) =>
  new MeshplanError(code, message, { hint, cause, exitCode: ExitCode.invalid });

/**
 * Reads the kubeconfig of the flag, else those of the usual order. As with kubectl, files of KUBECONFIG that
 * are not there are passed over, the first that names an entry wins, and an entry that nobody uses may be
 * broken. client-node's own order is not used: it ends in `http://localhost:8080` where it finds nothing.
 * @throws MeshplanError `kubeconfig-missing`, `kubeconfig-invalid`.
 */
export async function loadKubeconfig(make: () => KubeConfig, file: string | undefined): Promise<KubeConfig> {
  const named = filesOf(file);
  const config = await loadFiles(make, named);
  if (!config) {
    if (!file && process.env.KUBERNETES_SERVICE_HOST) return loadOfPod(make());
    const where = file ? '--kubeconfig' : process.env.KUBECONFIG ? 'KUBECONFIG' : 'the default';
    throw invalid(
      'kubeconfig-missing',
      `${where} names ${named.join(', ')}, which does not exist`,
      'Name an existing kubeconfig with --kubeconfig or in KUBECONFIG.',
    );
  }
  return config;
}

/** Those of the files that are there, as one; undefined where none is. */
export async function loadFiles(make: () => KubeConfig, files: string[]): Promise<KubeConfig | undefined> {
  const found = await Promise.all(files.map(exists));
  const present = files.filter((_, index) => found[index]);
  return present.length > 0 ? merged(present.map((path) => loadFile(make(), path))) : undefined;
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

function loadFile(config: KubeConfig, path: string): KubeConfig {
  try {
    config.loadFromFile(path, { onInvalidEntry: 'filter' });
    return config;
  } catch (error) {
    throw invalid(
      'kubeconfig-invalid',
      `the kubeconfig ${path} cannot be read: ${firstLine(error)}`,
      'Check it with `kubectl config view`.',
      error,
    );
  }
}

/** Inside a pod the ServiceAccount's credentials stand in for a kubeconfig. */
function loadOfPod(config: KubeConfig): KubeConfig {
  config.loadFromCluster();
  return config;
}

function merged([first, ...others]: KubeConfig[]): KubeConfig {
  const config = first as KubeConfig;
  for (const other of others) {
    for (const list of ['clusters', 'users', 'contexts'] as const) {
      const names = new Set(config[list].map((entry) => entry.name));
      const fresh = other[list].filter((entry) => !names.has(entry.name));
      Object.assign(config, { [list]: [...config[list], ...fresh] });
    }
    if (!config.currentContext) config.currentContext = other.currentContext;
  }
  return config;
}

export const firstLine = (error: unknown) =>
  String(error instanceof Error ? error.message : error).split('\n')[0];
