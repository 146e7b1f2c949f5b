import type { Plan } from '../../model/plan.js';

/** The clusters that take no part, a line each. */
export const fencedLines = ({ fenced = [], mode }: Plan): string[] =>
  fenced.map(
    ({ name, since }) =>
      `Fenced since ${since}: ${name}. Nothing is ${mode === 'destroy' ? 'removed' : 'planned'} in it.`,
  );
