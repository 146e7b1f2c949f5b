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
