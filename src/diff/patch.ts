import jsonpatch, { type Operation } from 'fast-json-patch';
import { isMap, type JsonMap } from '../model/json.js';
import type { KubeObject } from '../model/kube.js';
import { escapePointer } from '../model/unknown.js';
import { normalise } from './normalise.js';

/** Keys by which Kubernetes tells items of a list apart, the most telling first. */
const MERGE_KEYS = ['name', 'containerPort', 'port', 'key', 'ip', 'type'];

/** Lists of named things whose order means something. */
const ORDERED = /\/initContainers$/;

/** In custom resources order is meaning: of an Istio VirtualService the first route that matches wins. */
const isBuiltIn = ({ apiVersion }: KubeObject) => {
  const group = apiVersion.split('/').at(-2) ?? '';
  return !group.includes('.') || group.endsWith('.k8s.io');
};

/**
 * RFC 6902 operations that lead from the live object to the planned one. Lists of named things are
 * compared by name, so an item that is removed from the head is one operation and order is no noise;
 * not so in custom resources, which may give order a meaning.
 */
export function patchBetween(live: KubeObject, planned: KubeObject): Operation[] {
  return compareNodes(normalise(live), normalise(planned), { pointer: '', keyed: isBuiltIn(live) });
}

interface Place {
  pointer: string;
  /** Whether lists of named things may be compared by name. */
  keyed: boolean;
}

/** Equal as JSON, whatever the order of keys. Makes no pointer, for nearly all that is compared is equal. */
export function isEqual(from: unknown, to: unknown): boolean {
  if (Object.is(from, to)) return true;
  if (typeof from !== 'object' || typeof to !== 'object' || from === null || to === null) return false;
  if (Array.isArray(from) !== Array.isArray(to)) return false;
  const keys = Object.keys(from);
  if (keys.length !== Object.keys(to).length) return false;
  return keys.every((key) => key in to && isEqual((from as JsonMap)[key], (to as JsonMap)[key]));
}

function compareNodes(from: unknown, to: unknown, place: Place): Operation[] {
  const { pointer } = place;
  if (isEqual(from, to)) return [];
  if (isMap(from) && isMap(to)) return compareMaps(from, to, place);
  if (Array.isArray(from) && Array.isArray(to)) {
    const key = place.keyed && !ORDERED.test(pointer) ? mergeKey(from, to) : undefined;
    if (key) return compareKeyed(from, to, key, place);
    // fast-json-patch compares documents; its pointers are put under ours.
    return jsonpatch.compare(from, to).map((item) => ({ ...item, path: pointer + item.path }));
  }
  return Object.is(from, to) ? [] : [{ op: 'replace', path: pointer, value: to }];
}

function compareMaps(from: JsonMap, to: JsonMap, place: Place): Operation[] {
  const { pointer } = place;
  const operations: Operation[] = [];
  for (const [key, value] of Object.entries(from)) {
    const path = `${pointer}/${escapePointer(key)}`;
    if (!(key in to)) operations.push({ op: 'remove', path });
    else operations.push(...compareNodes(value, to[key], { ...place, pointer: path }));
  }
  for (const [key, value] of Object.entries(to)) {
    if (!(key in from)) operations.push({ op: 'add', path: `${pointer}/${escapePointer(key)}`, value });
  }
  return operations;
}

function compareKeyed(from: unknown[], to: unknown[], key: string, place: Place): Operation[] {
  const { pointer } = place;
  const wanted = new Map(to.map((item) => [(item as JsonMap)[key], item]));
  const present = new Set(from.map((item) => (item as JsonMap)[key]));
  const changed: Operation[] = [];
  const removed: Operation[] = [];
  from.forEach((item, index) => {
    const match = wanted.get((item as JsonMap)[key]);
    if (match === undefined) removed.unshift({ op: 'remove', path: `${pointer}/${index}` });
    else changed.push(...compareNodes(item, match, { ...place, pointer: `${pointer}/${index}` }));
  });
  const added = to.filter((item) => !present.has((item as JsonMap)[key]));
  // From the end to the front, so that the indexes of those not yet removed hold.
  return [
    ...changed,
    ...removed,
    ...added.map((value): Operation => ({ op: 'add', path: `${pointer}/-`, value })),
  ];
}

/** The key that tells the items of both lists apart, or undefined where they are plain lists. */
export function mergeKey(from: unknown[], to: unknown[]): string | undefined {
  const isKey = (key: string, items: unknown[]) => {
    const values = items.map((item) => (isMap(item) ? item[key] : undefined));
    return values.every(isScalar) && new Set(values).size === values.length;
  };
  if (from.length + to.length === 0) return undefined;
  return MERGE_KEYS.find((key) => isKey(key, from) && isKey(key, to));
}

const isScalar = (value: unknown) => typeof value === 'string' || typeof value === 'number';
