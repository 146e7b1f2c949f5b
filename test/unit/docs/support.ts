import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Every page for readers, relative to the root. */
export const PAGES = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', ...pagesIn('docs')];

/** Every file of the examples, relative to the root. */
export const EXAMPLE_FILES = readdirSync(join(ROOT, 'examples'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)))
  .sort();

export const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

function pagesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name))
    .sort();
}

/** Every TypeScript file below `src/FOLDER` with its text. */
export function sources(folder = ''): { file: string; text: string }[] {
  const start = join('src', folder);
  return readdirSync(join(ROOT, start), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(start, name))
    .map((file) => ({ file, text: read(file) }));
}

/** All first groups of a pattern, sorted, each once. */
export function matches(text: string, pattern: RegExp): string[] {
  return unique([...text.matchAll(pattern)].map((match) => match[1] ?? ''));
}

export const unique = (items: string[]): string[] => [...new Set(items)].sort();

/** The section under a heading, up to the next one of the same or a higher level. */
export function section(page: string, heading: string): string {
  const lines = read(page).split('\n');
  const start = lines.indexOf(heading);
  if (start < 0) throw new Error(`${page} has no heading ${heading}`);
  const level = heading.indexOf(' ');
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= level);
  return lines.slice(start + 1, length < 0 ? undefined : start + 1 + length).join('\n');
}

/** The names in the first cells of tables: `| \`name\` | …`, several in one cell too. */
export function firstCells(text: string): string[] {
  const cells = [...text.matchAll(/^\|([^|]+)\|/gm)].map((match) => match[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''));
}

/** Fenced blocks of one language. */
export function blocks(page: string, language: string): string[] {
  return [...read(page).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
    (match) => match[1] ?? '',
  );
}
