import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { Lab } from './lab.js';

/**
 * Kinds that change without anybody's doing: Events are a log that expires, Leases are heartbeats of nodes
 * and controllers. Every other kind that can be listed counts, CustomResourceDefinitions included.
 */
const VOLATILE = ['events', 'leases.coordination.k8s.io'];

const COLUMNS = [
  'KIND:.kind',
  'APIVERSION:.apiVersion',
  'NAMESPACE:.metadata.namespace',
  'NAME:.metadata.name',
  'UID:.metadata.uid',
  'LABELS:.metadata.labels',
];

/**
 * Every object of every kind in a cluster, a line each: kind, namespace, name, UID and labels. The UID tells
 * an object that stayed from one that was made again.
 */
export async function listAll(lab: Lab, cluster: string): Promise<string[]> {
  const resources = (
    await lab.kubectl(cluster, 'api-resources', '--verbs=list', '-o', 'name', '--cached=false')
  )
    .split('\n')
    .filter((name) => name !== '' && !VOLATILE.some((kind) => name === kind || name.startsWith(`${kind}.`)));
  const output = `custom-columns=${COLUMNS.join(',')}`;
  const text = await lab.kubectl(cluster, 'get', resources.join(','), '-A', '--no-headers', '-o', output);
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.trim().replace(/\s{2,}/g, '  '))
    .sort();
}

const PAUSE_MS = 2_000;
const LIMIT_MS = 90_000;

/**
 * The listing once two in a row agree: an API server goes on making objects of its own for a while after it
 * is ready, and the controllers take a moment to remove what a deleted object owned.
 */
export async function settledListing(lab: Lab, cluster: string): Promise<string[]> {
  const deadline = Date.now() + LIMIT_MS;
  for (let before = await listAll(lab, cluster); ; ) {
    await sleep(PAUSE_MS);
    const now = await listAll(lab, cluster);
    if (now.join() === before.join()) return now;
    if (Date.now() > deadline) assert.equal(now, before, `${cluster} does not settle`);
    before = now;
  }
}

export type Listings = Map<string, string[]>;

/** The settled listings of several clusters. */
export async function listings(lab: Lab, clusters: string[]): Promise<Listings> {
  const all = await Promise.all(clusters.map((name) => settledListing(lab, name)));
  return new Map(clusters.map((name, index) => [name, all[index] ?? []]));
}

/** Controllers end these with random letters. */
const RANDOM_NAMES: Record<string, RegExp> = {
  Pod: /-[a-z0-9]{5}$/,
  EndpointSlice: /-[a-z0-9]{5}$/,
  PodMetrics: /-[a-z0-9]{5}$/,
};

/** Kinds, namespaces and names alone, sorted: equal for two meshes of one declaration. */
export function namesIn(all: Listings): Map<string, string[]> {
  return new Map([...withoutAddresses(all)].map(([cluster, lines]) => [cluster, lines.map(nameIn).sort()]));
}

/**
 * Without IPAddress objects: the API server's own books about the Services, which are listed themselves. When
 * a create is refused midway, it puts them right only minutes later.
 */
export function withoutAddresses(all: Listings): Listings {
  const isCounted = (line: string) => !line.startsWith('IPAddress ');
  return new Map([...all].map(([cluster, lines]) => [cluster, lines.filter(isCounted)]));
}

function nameIn(line: string): string {
  const [kind = '', , namespace, name = ''] = line.split(/ {2,}/);
  const pattern = RANDOM_NAMES[kind];
  return `${kind} ${namespace}/${pattern ? name.replace(pattern, '-*') : name}`;
}

/**
 * Asserts that the clusters come to hold objects of exactly these names, each as often. What controllers
 * still have to remove is waited for; without that it costs one reading.
 */
export async function assertComesToNames(lab: Lab, expected: Map<string, string[]>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const read = [...expected.keys()].map(async (name) => [name, await listAll(lab, name)] as const);
    const names = namesIn(new Map(await Promise.all(read)));
    const isEqual = [...expected].every(([cluster, wanted]) => names.get(cluster)?.join() === wanted.join());
    if (isEqual) return;
    if (Date.now() > deadline) {
      for (const [cluster, wanted] of expected) assert.equal(names.get(cluster), wanted, cluster);
    }
    await sleep(PAUSE_MS);
  }
}

/** Asserts that each cluster holds the same objects again, telling only what differs. */
export function assertSameListings(now: Listings, before: Listings): void {
  for (const [cluster, expected] of before) {
    const found = now.get(cluster) ?? [];
    const added = found.filter((line) => !expected.includes(line));
    const gone = expected.filter((line) => !found.includes(line));
    assert.equal({ added, gone }, { added: [], gone: [] }, cluster);
  }
}
