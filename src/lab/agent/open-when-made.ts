import { setTimeout as sleep } from 'node:timers/promises';
import { type LabApi, openApi } from '../api.js';
import { readIfExists } from '../files.js';
import type { ClusterLayout } from '../layout.js';
import type { ClusterState } from '../state.js';

const POLL_MS = 100;

/**
 * The way to a cluster's API server, as soon as its certificate and tokens are made; whether it answers yet is
 * another matter. Undefined when the signal comes first.
 */
export async function openWhenMade(
  cluster: ClusterState,
  layout: ClusterLayout,
  signal: AbortSignal,
): Promise<LabApi | undefined> {
  while (!(await areMade(layout))) {
    if (signal.aborted) return undefined;
    await sleep(POLL_MS);
  }
  const api = await openApi(cluster, layout);
  if (!signal.aborted) return api;
  api.close();
  return undefined;
}

/** The tokens' file is the last that is written of all credentials, but the one of the authority at level 1. */
async function areMade({ ca, tokens }: ClusterLayout): Promise<boolean> {
  const texts = await Promise.all([ca, tokens].map(readIfExists));
  return texts.every(Boolean);
}
