import type { VerifyReport } from '../../model/verify.js';
import type { ClusterFlags } from '../flags.js';

export interface WatchFlags extends ClusterFlags {
  /** Milliseconds between the beginnings of two looks. */
  interval: number;
}

/** One look at the mesh. */
export interface Look {
  report: VerifyReport;
  at: Date;
  /** Whether it was of all checks, or only of those of what changes by itself. */
  isWhole: boolean;
}

/** Shows one look after the other. */
export interface View {
  show(look: Look): void;
  end(): void;
}

/** `13:42:07`, local time. */
export const timeOf = (at: Date): string => at.toTimeString().slice(0, 8);
