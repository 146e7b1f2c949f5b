import { isMap } from '../model/json.js';
import type { KubeObject } from '../model/kube.js';
import { mergeKey } from './patch.js';

/**
 * The live object with every declared field as it is declared, and all else as it is: what a declaration
 * comes to where the server cannot be asked. Items of lists of named things are laid over each other by name.
 */
export const overlay = (live: KubeObject, declared: KubeObject): KubeObject =>
  overlayNodes(live, declared) as KubeObject;

function overlayNodes(below: unknown, above: unknown): unknown {
  if (isMap(below) && isMap(above)) {
    const merged = Object.entries(above).map(
      ([key, value]) => [key, overlayNodes(below[key], value)] as const,
    );
    return { ...below, ...Object.fromEntries(merged) };
  }
  if (!Array.isArray(below) || !Array.isArray(above)) return above;
  const key = mergeKey(below, above);
  if (key === undefined) return above;
  const named = new Map(below.map((item) => [(item as Record<string, unknown>)[key], item]));
  return above.map((item) => overlayNodes(named.get((item as Record<string, unknown>)[key]), item));
}
