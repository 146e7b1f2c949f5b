import type { ContextEntry } from '../../kube/contexts.js';
import type { Choice } from './draft.js';
import { isMeshName } from './names.js';

/** Answers are results of nobody: questions stand beside progress, on stderr. */
const context = { output: process.stderr };

/** Which contexts become clusters, and which of them is the primary. */
export async function askContexts(contexts: readonly ContextEntry[]): Promise<Choice[]> {
  const { default: checkbox } = await import('@inquirer/checkbox');
  const chosen = await checkbox(
    {
      message: 'Which contexts become clusters of the mesh?',
      choices: contexts.map(({ name, server }) => ({
        value: name,
        name: `${name}  ${server}`,
        short: name,
        checked: true,
      })),
      required: true,
    },
    context,
  );
  if (chosen.length < 2) return chosen.map((name) => ({ context: name }));
  const { default: select } = await import('@inquirer/select');
  const primary = await select(
    { message: 'Which one is the primary, that runs istiod?', choices: chosen.map((value) => ({ value })) },
    context,
  );
  return chosen.map((name) => ({ context: name, role: name === primary ? 'primary' : 'remote' }));
}

/** The mesh ID. */
export async function askName(proposal: string): Promise<string> {
  const { default: input } = await import('@inquirer/input');
  return input(
    {
      message: 'What is the mesh ID?',
      default: proposal,
      validate: (text) => isMeshName(text) || 'lower-case letters, digits and - between them, at most 63',
    },
    context,
  );
}

/** Whether a question ended by Ctrl-C. */
export const isAbandoned = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ExitPromptError';
