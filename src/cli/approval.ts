import { createInterface } from 'node:readline';
import type { Plan } from '../model/plan.js';

export type Answer = 'yes' | 'no' | 'interrupted';

/** Asks on the terminal whether a plan may be carried out. The question names each cluster's server and UID. */
export function askApproval(plan: Plan, request: string): Promise<Answer> {
  const clusters = plan.clusters.map(
    (cluster) => `  ${cluster.name}  ${cluster.server}  ${cluster.uid || 'not read'}`,
  );
  const question = `\n${request} these clusters?\n${clusters.join('\n')}\nOnly 'yes' is taken: `;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise<Answer>((resolve) => {
    // Not the promises' variant: what it does on Ctrl-C differs between releases of Node.
    prompt.once('SIGINT', () => resolve('interrupted'));
    // The end of the input, Ctrl-D, is no answer.
    prompt.once('close', () => resolve('no'));
    prompt.question(question, (answer) => resolve(answer.trim() === 'yes' ? 'yes' : 'no'));
  }).finally(() => prompt.close());
}
