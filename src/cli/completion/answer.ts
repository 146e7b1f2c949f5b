import type { Command } from 'commander';
import { printResult } from '../output.js';
import { namesOf } from './names.js';
import { suggest } from './suggest.js';

/** Answers a shell that asks what the last of `words` may become. */
export async function answer(program: Command, words: readonly string[]): Promise<void> {
  const { values, files } = await suggest(program, words, namesOf);
  const lines = values.map(({ value, description }) => (description ? `${value}\t${description}` : value));
  printResult([...lines, files ? ':0' : ':4'].join('\n'));
}
