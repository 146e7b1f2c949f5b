import { readFile } from 'node:fs/promises';

/** Whether an API server's URL names this machine only, so that no other cluster can reach it. */
export function isLoopback(server: string): boolean {
  const host = new URL(server).hostname;
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

/**
 * Whether a kubeconfig marks the cluster entry with the extension `meshplan-lab`. client-node drops
 * extensions, so the documents are read again; only loopback servers pay for it.
 */
export async function isMarkedAsLab(files: string[], clusterEntry: string): Promise<boolean> {
  const { loadYaml } = await import('@kubernetes/client-node');
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const document = loadYaml<KubeconfigDocument | undefined>(text);
    const entry = document?.clusters?.find((item) => item.name === clusterEntry);
    if (entry) return entry.cluster?.extensions?.some((item) => item.name === 'meshplan-lab') ?? false;
  }
  return false;
}

interface KubeconfigDocument {
  clusters?: { name?: string; cluster?: { extensions?: { name?: string }[] } }[];
}
