import { grown } from '../promql.js';
import type { Query } from './grafana.js';

/** What Grafana chooses so that a rate has at least four scrapes, however far the view is zoomed in. */
export const INTERVAL = '$__rate_interval';

/** A counter's rise per second. */
export const perSecond = (counter: string, by: string[] = []): string =>
  `sum${by.length === 0 ? '' : ` by (${by.join(', ')}) `}(rate(${counter}[${INTERVAL}]))`;

/** The value of a histogram that the given share of its samples stays within. */
export const within = (quantile: number, histogram: string, by: string[] = []): string =>
  `histogram_quantile(${quantile}, sum by (${['le', ...by].join(', ')}) (rate(${histogram}_bucket[${INTERVAL}])))`;

/** 50, 90 and 99 of 100. */
export const quantiles = (histogram: string): Query[] =>
  [0.5, 0.9, 0.99].map((quantile) => ({ expr: within(quantile, histogram), legend: `${quantile * 100} %` }));

/** How many times each counter rose within an interval, the first time included. */
export const errors = (...counters: { metric: string; label?: string; legend: string }[]): Query[] =>
  counters.map(({ metric, label = '', legend }) => ({ expr: grown(metric, label, INTERVAL), legend }));

export const NO_ERRORS = 'None since istiod started';
