import type { DriftEntry } from '../model/drift.js';
import { ISTIO_NAMESPACE } from '../model/names.js';
import type { FencedReading, HeldToken } from '../observe/fenced.js';
import type { DriftInput } from './input.js';

/** Fenced clusters that answer again, and what they are now: nobody else looks at them. */
export function fencedDrift({ mesh, fenced }: Pick<DriftInput, 'mesh' | 'fenced'>): DriftEntry[] {
  return fenced.flatMap((reading) => {
    const cluster = mesh.fenced.find(({ name }) => name === reading.cluster);
    if (cluster === undefined) return [];
    const { fencedAt } = cluster;
    const parts = [istiodText(reading), ...heldTexts(reading), ...reading.unread];
    const message = `${cluster.name}, fenced since ${cluster.since}, is back: ${parts.join('; ')}. It takes no part as long as \`fenced\` stands in ${fencedAt.file}:${fencedAt.line}; take it out, and plan its way back as a remote of ${cluster.primary}`;
    const address = reading.istiod
      ? `${cluster.name}/apps/v1/Deployment/${ISTIO_NAMESPACE}/istiod`
      : `${cluster.name}/v1/Namespace/${ISTIO_NAMESPACE}`;
    return [{ address, lens: 'meaning', rule: 'fenced-cluster', patch: [], message, source: fencedAt }];
  });
}

function istiodText({ istiod }: FencedReading): string {
  if (!istiod) return 'no istiod runs in it';
  const { replicas = 1 } = (istiod.spec ?? {}) as { replicas?: number };
  const { readyReplicas = 0 } = (istiod.status ?? {}) as { readyReplicas?: number };
  return `a primary still, with ${readyReplicas} of ${replicas} istiod pods ready`;
}

const TOKENS: Record<HeldToken, string> = {
  works: 'with a token that still works',
  ended: 'with a token that works no more',
  unknown: 'with a token of which that cannot be told',
};

/** What it holds of others; never the tokens. */
function heldTexts({ held }: FencedReading): string[] {
  if (held.length === 0) return ['it holds no remote secrets'];
  const states = [...new Set(held.map(({ token }) => token))];
  return states.map((state) => {
    const names = held.filter(({ token }) => token === state).map(({ remote }) => remote);
    return `it holds ${names.length === 1 ? 'the remote secret' : 'remote secrets'} of ${names.sort().join(', ')} ${TOKENS[state]}`;
  });
}
