import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeObject } from '../../model/kube.js';
import type { LabApi } from '../api.js';

const RETRY_MS = 200;
/** The API server ends the watch after this time; a new list then mends whatever was missed. */
const WATCH_SECONDS = 300;

export interface WatchedObjects {
  objects(): KubeObject[];
  /** True once the first list has come. */
  synced(): boolean;
}

export interface WatchRequest {
  api: LabApi;
  /** A collection, e.g. `/api/v1/services`. */
  path: string;
  query?: Record<string, string>;
  onChange: () => void;
  signal: AbortSignal;
}

/** Keeps a copy of a collection up to date by list and watch until the signal comes. */
export function watchObjects(request: WatchRequest): WatchedObjects {
  const state = { objects: new Map<string, KubeObject>(), synced: false };
  void follow(request, state);
  return { objects: () => [...state.objects.values()], synced: () => state.synced };
}

interface WatchState {
  objects: Map<string, KubeObject>;
  synced: boolean;
}

async function follow(request: WatchRequest, state: WatchState): Promise<void> {
  while (!request.signal.aborted) {
    try {
      const version = await list(request, state);
      await watch(request, state, version);
    } catch {
      // The API server is not there (yet), or it wants a new list: either way the loop goes on.
    }
    await sleep(RETRY_MS, undefined, { signal: request.signal }).catch(() => undefined);
  }
}

async function list(request: WatchRequest, state: WatchState): Promise<string> {
  const answer = await open(request, {});
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
    metadata: { resourceVersion: string };
    items: KubeObject[];
  };
  state.objects = new Map(body.items.map((item) => [item.metadata.uid ?? '', item]));
  state.synced = true;
  request.onChange();
  return body.metadata.resourceVersion;
}

async function watch(request: WatchRequest, state: WatchState, resourceVersion: string): Promise<void> {
  const answer = await open(request, {
    watch: '1',
    resourceVersion,
    timeoutSeconds: String(WATCH_SECONDS),
  });
  for await (const line of createInterface({ input: answer })) {
    const event = JSON.parse(line) as { type: string; object: KubeObject };
    if (event.type === 'ERROR') return;
    const uid = event.object.metadata.uid ?? '';
    if (event.type === 'DELETED') state.objects.delete(uid);
    else state.objects.set(uid, event.object);
    request.onChange();
  }
}

async function open(request: WatchRequest, query: Record<string, string>): Promise<IncomingMessage> {
  const parameters = new URLSearchParams({ ...request.query, ...query });
  const answer = await request.api.open(`${request.path}?${parameters}`, request.signal);
  if (answer.statusCode === 200) return answer;
  answer.resume();
  throw new Error(`${request.path}: HTTP ${answer.statusCode}`);
}
