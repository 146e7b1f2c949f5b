import { ExitCode, MeshplanError } from '../../errors/index.js';
import type { ContextEntry } from '../../kube/contexts.js';
import type { Choice } from './draft.js';

/**
 * `NAME[:primary|remote[:PRIMARY]]` for each context. Names of contexts may hold colons themselves (those of
 * EKS do), so a name of the kubeconfig is taken as it is.
 * @throws MeshplanError `context-missing` (exit code 3).
 */
export function choicesOf(texts: readonly string[], contexts: readonly ContextEntry[]): Choice[] {
  const known = contexts.map(({ name }) => name);
  const choices = texts.map((text): Choice => {
    if (known.includes(text)) return { context: text };
    const [, context = text, role, primary] = /^(.+?):(primary|remote)(?::(.+))?$/.exec(text) ?? [];
    if (!known.includes(context)) throw missing(context, known);
    return {
      context,
      ...(role === 'primary' || role === 'remote' ? { role } : {}),
      ...(primary === undefined ? {} : { primary }),
    };
  });
  return choices.filter(
    ({ context }, index) => choices.findIndex((other) => other.context === context) === index,
  );
}

function missing(context: string, known: readonly string[]): MeshplanError {
  return new MeshplanError('context-missing', `the kubeconfig has no context ${context}`, {
    hint:
      known.length > 0
        ? `It has: ${known.join(', ')}.`
        : 'It has no context at all. Pass another --kubeconfig.',
    exitCode: ExitCode.invalid,
  });
}
