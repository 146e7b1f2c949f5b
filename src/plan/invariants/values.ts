import type { Unknown } from '../../model/unknown.js';
import type { Held, PredictedState } from './state.js';

/** What the charts keep of their values in the ConfigMap `values` of every cluster, as far as it matters. */
interface Values {
  global?: { meshID?: string; network?: string; tag?: string };
}

/** By the text, which is some kilobytes long and read at many steps. */
const parsed = new WeakMap<object, Values>();

/** The values that a cluster's istiod or data plane was rendered with; undefined where they are not known. */
export function valuesOf(state: PredictedState, cluster: string): Values | undefined {
  const held = state.get(cluster, 'ConfigMap/values');
  if (!held) return undefined;
  const known = parsed.get(held.object) ?? read(held);
  parsed.set(held.object, known);
  return known;
}

function read({ object }: Held): Values {
  const data = (object.data ?? {}) as Record<string, string | Unknown>;
  const text = data['merged-values'];
  if (typeof text === 'string') return parse(text);
  // An address that is still to come makes the text unknown; what the user and meshplan put in may not be.
  const original = data['original-values'];
  return typeof original === 'string' ? parse(original) : {};
}

function parse(text: string): Values {
  try {
    return (JSON.parse(text) as Values | null) ?? {};
  } catch {
    return {};
  }
}
