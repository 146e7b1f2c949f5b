import { readFileSync } from 'node:fs';

/** Told the exit code of the command that ran. */
export type OnExit = (code: number) => void;

/** meshplan's own version. */
export const version = (): string =>
  (
    JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    }
  ).version;
