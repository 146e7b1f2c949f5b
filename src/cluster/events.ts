import type { ApiResource, Cluster, KubeObject } from '../model/kube.js';
import { collectionPath } from './paths.js';

const EVENTS: ApiResource = {
  apiVersion: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
  verbs: [],
};

/** Long enough for a cloud's own words, short enough for a line. */
const LONGEST = 300;

/** An Event as the API server gives it, of either of its groups. */
export interface EventBody {
  type?: string;
  reason?: string;
  message?: string;
  eventTime?: string | null;
  lastTimestamp?: string | null;
  /** How often it was seen. */
  count?: number;
  series?: { count?: number; lastObservedTime?: string };
  metadata?: { creationTimestamp?: string };
}

/**
 * What controllers said of any of these objects, the latest first. Events of the core
 * group and of events.k8s.io are the same objects. None where they may not be read: they are told, never relied on.
 */
export async function eventsAbout(cluster: Cluster, about: readonly KubeObject[]): Promise<EventBody[]> {
  const found = await Promise.all(about.map((object) => eventsOf(cluster, object).catch(() => [])));
  return found.flat().sort((one, other) => timeOf(other).localeCompare(timeOf(one)));
}

/** Warnings before all else. */
export const warningsFirst = (events: readonly EventBody[]): EventBody[] => {
  const isWarning = ({ type }: EventBody) => Number(type === 'Warning');
  return events.toSorted((one, other) => isWarning(other) - isWarning(one));
};

/** With the last word of these Events: `…; last event: SyncLoadBalancerFailed: …`. */
export const withEvent = (text: string, [last]: readonly EventBody[]): string =>
  last ? `${text}; last event: ${textOf(last)}` : text;

async function eventsOf(cluster: Cluster, { kind, metadata }: KubeObject): Promise<EventBody[]> {
  const { name, namespace, uid } = metadata;
  const selector = {
    'involvedObject.kind': kind,
    'involvedObject.name': name,
    // An earlier object of this name had events of its own.
    ...(uid ? { 'involvedObject.uid': uid } : {}),
  };
  const fieldSelector = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const { body } = await cluster.request(collectionPath(EVENTS, namespace), {
    query: { fieldSelector, limit: '100' },
  });
  return (body as { items?: EventBody[] }).items ?? [];
}

const timeOf = ({ series, lastTimestamp, eventTime, metadata }: EventBody): string =>
  series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata?.creationTimestamp ?? '';

function textOf({ reason, message }: EventBody): string {
  const text = [reason, message?.replace(/\s+/g, ' ').trim()].filter(Boolean).join(': ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
