import type { RawEntry } from './documents.js';

/** Whether an API server's URL names this machine only, so that no other cluster can reach it. */
export function isLoopback(server: string): boolean {
  const host = new URL(server).hostname;
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

/** Whether a kubeconfig marks the cluster entry with the extension `meshplan-lab`. */
export function isMarkedAsLab(entry: RawEntry | undefined): boolean {
  const extensions = (entry?.fields.extensions ?? []) as { name?: string }[];
  return extensions.some((item) => item.name === 'meshplan-lab');
}
