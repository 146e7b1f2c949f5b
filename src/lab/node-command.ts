import { fileURLToPath } from 'node:url';

/**
 * The arguments of node that run a module of this folder. The module has the form of this one: compiled, or
 * TypeScript run through tsx.
 */
export function nodeCommand(name: string, ...args: string[]): string[] {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = fileURLToPath(new URL(`./${name}${isSource ? '.ts' : '.js'}`, import.meta.url));
  return isSource ? ['--import', import.meta.resolve('tsx'), entry, ...args] : [entry, ...args];
}
