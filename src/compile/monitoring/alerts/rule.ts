export type AlertSeverity = 'warning' | 'critical';

/** One alert, before it is told which mesh it is about. */
export interface Rule {
  alert: string;
  expr: string;
  for: string;
  severity: AlertSeverity;
  summary: string;
  /** What is wrong, what traffic feels of it, what to do. */
  description: string;
}

/** How far a counter is looked back; an alert on it lasts about as long. */
export const WINDOW = '15m';

/** How long errors of the kind that comes and goes by itself have to go on. */
export const LASTING = '10m';
