import type { ResolvedMesh } from './resolved-mesh.js';

/** What to do for a primary that is lost: the remotes that may be promoted. Nothing for any other cluster. */
export function wayOutFor({ clusters }: Pick<ResolvedMesh, 'clusters'>, name: string): string | undefined {
  const led = clusters.filter((cluster) => cluster.role === 'remote' && cluster.primary === name);
  if (led.length === 0) return undefined;
  const [first, ...others] = led.map((cluster) => cluster.name);
  const or = others.length > 0 ? ` (or ${others.join(', ')})` : '';
  return `If this primary is lost, make a remote the primary: meshplan promote ${first}${or}.`;
}

/** What an entry of `spec.clusters` is to say; null takes the field out. */
export interface ClusterEdit {
  cluster: string;
  fields: { role?: 'primary' | 'remote'; primary?: string | null; fenced?: { since: string } };
}

/** A remote that becomes the primary of its mesh, in the place of another cluster. */
export interface Promotion {
  cluster: string;
  /** The primary that it has until then. */
  from: string;
  /** `failover`: the old primary is lost, and fenced. `switchover`: it lives, and becomes a remote. */
  way: 'failover' | 'switchover';
  /** Why it is that way, as the end of a sentence. */
  because: string;
  /** Since when the old primary is fenced (RFC 3339). */
  since?: string;
  /** Other remotes of the old primary. */
  moves: string[];
}

/** What traffic feels at one point of a promotion. */
export interface TrafficNote {
  when: 'before' | 'during' | 'after';
  /** The action that does it. */
  action?: string;
  text: string;
}
