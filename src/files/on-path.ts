import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Every executable of that name in the folders of a PATH, in their order. */
export async function executablesOnPath(name: string, path: string | undefined): Promise<string[]> {
  const files = (path ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, name));
  const found: string[] = [];
  for (const file of files) if (await isExecutable(file)) found.push(file);
  return found;
}

const isExecutable = (file: string) =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
