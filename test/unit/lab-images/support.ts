import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { extract } from 'tar-stream';

export interface TarEntry {
  type: string;
  mode: number;
  uid: number;
  mtime: number;
  target: string | undefined;
  body: Buffer;
}

/** What a tar holds, in its order. */
export async function readTar(source: Readable): Promise<Map<string, TarEntry>> {
  const found = new Map<string, TarEntry>();
  const reader = extract();
  const reading = pipeline(source, reader);
  for await (const entry of reader) {
    const { name, type, mode, uid, mtime, linkname } = entry.header;
    const body = await buffer(entry);
    found.set(name.replace(/\/$/, ''), {
      type,
      mode,
      uid,
      mtime: +mtime,
      target: linkname || undefined,
      body,
    });
  }
  await reading;
  return found;
}

export interface ReadImage {
  reference: string;
  config: {
    architecture: string;
    os: string;
    config: { Entrypoint: string[]; Cmd?: string[]; User?: string; Env: string[] };
    rootfs: { type: string; diff_ids: string[] };
  };
}

/** A docker-archive: its images, and the entries of the one layer that all of them have. */
export async function readArchive(
  path: string,
): Promise<{ images: ReadImage[]; layer: Map<string, TarEntry>; layerDigest: string }> {
  const files = await readTar(createReadStream(path));
  const read = (name: string) => {
    const file = files.get(name);
    if (file === undefined) throw new Error(`${path} has no ${name}`);
    return file.body;
  };
  const manifest = JSON.parse(read('manifest.json').toString()) as {
    Config: string;
    RepoTags: string[];
    Layers: string[];
  }[];
  const layers = [...new Set(manifest.flatMap(({ Layers }) => Layers))];
  if (layers.length !== 1) throw new Error(`${path} has ${layers.length} layers`);
  const layer = read(layers[0] ?? '');
  return {
    images: manifest.map(({ Config, RepoTags }) => ({
      reference: RepoTags.join(),
      config: JSON.parse(read(Config).toString()) as ReadImage['config'],
    })),
    layer: await readTar(Readable.from([layer])),
    layerDigest: createHash('sha256').update(layer).digest('hex'),
  };
}
