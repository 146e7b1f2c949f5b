import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';

type Fields = Record<string, unknown>;

/** An entry of a kubeconfig as it is written. client-node drops extensions and `tokenFile`. */
export interface RawEntry {
  fields: Fields;
  /** The file's folder, to which paths in it are relative. */
  folder: string;
}

interface Document {
  clusters?: { name?: string; cluster?: Fields }[];
  users?: { name?: string; user?: Fields }[];
}

/** The documents of kubeconfig files, in their order; a file that is not there has none. */
export class KubeconfigDocuments {
  readonly #documents: { document: Document; folder: string }[];

  constructor(documents: { document: Document; folder: string }[]) {
    this.#documents = documents;
  }

  cluster = (name: string): RawEntry | undefined =>
    this.#find((document) => document.clusters?.find((item) => item.name === name)?.cluster);

  user = (name: string): RawEntry | undefined =>
    this.#find((document) => document.users?.find((item) => item.name === name)?.user);

  /** The first file that has it wins. */
  #find(pick: (document: Document) => Fields | undefined): RawEntry | undefined {
    for (const { document, folder } of this.#documents) {
      const fields = pick(document);
      if (fields) return { fields, folder };
    }
    return undefined;
  }
}

export async function readDocuments(files: string[]): Promise<KubeconfigDocuments> {
  const { loadYaml } = await import('./client-node.js');
  const documents = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      const document = text?.trim() ? loadYaml<Document | undefined>(text) : undefined;
      return { document: document ?? {}, folder: dirname(file) };
    }),
  );
  return new KubeconfigDocuments(documents);
}

export const absolute = (path: string, folder: string): string =>
  isAbsolute(path) ? path : join(folder, path);
