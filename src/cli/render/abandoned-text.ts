import type { Plan } from '../../model/plan.js';

/** How many objects of a cluster are listed before the rest is only counted. */
const MOST_LISTED = 10;

/** What stays in clusters that are given up: nobody removes it. */
export function abandonedLines({ abandoned = [] }: Plan, verbose: boolean): string[] {
  return abandoned.flatMap(({ name, objects }) => {
    if (objects.length === 0) return [`Nothing that the state knows stays behind in ${name}.`, ''];
    const shown = verbose ? objects : objects.slice(0, MOST_LISTED);
    const rest = objects.length - shown.length;
    return [
      `Stays behind in ${name}, which is abandoned:`,
      ...shown.map((address) => `    ${address}`),
      ...(rest > 0 ? [`    and ${rest} more (--verbose lists them)`] : []),
      '',
    ];
  });
}
