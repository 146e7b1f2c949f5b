import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import type { Entry, ImageConfig, Recipe } from './types.js';

type Headers = Parameters<Pack['entry']>[0];

const CHUNK_BYTES = 1024 * 1024;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Writes a docker-archive: one layer, a configuration for each image, and the manifest that names them.
 * The same recipe and files give the same bytes. The file must not be there yet.
 */
export async function writeArchive(
  path: string,
  recipe: Recipe,
  architecture: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  // Its size and digest stand before its content in the archive.
  const layerPath = `${path}.layer`;
  try {
    const layer = await writeTar(layerPath, (tar) => addEntries(tar, recipe.entries), signal);
    await writeTar(
      path,
      (tar) => addImages(tar, recipe.images, { ...layer, path: layerPath }, architecture),
      signal,
    );
  } finally {
    await rm(layerPath, { force: true });
  }
}

async function writeTar(
  path: string,
  fill: (tar: Pack) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<{ size: number; digest: string }> {
  const tar = pack();
  const hash = createHash('sha256');
  let size = 0;
  const measured = async function* () {
    for await (const chunk of tar as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  const written = pipeline(measured, createWriteStream(path, { flags: 'wx' }), {
    ...(signal && { signal }),
  });
  const filled = fill(tar).then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  await Promise.all([written, filled]);
  return { size, digest: hash.digest('hex') };
}

async function addEntries(tar: Pack, entries: Entry[]): Promise<void> {
  const done = new Set<string>(['.']);
  for (const entry of entries) {
    for (const parent of parentsOf(entry.path)) {
      if (done.has(parent)) continue;
      done.add(parent);
      await add(tar, { name: parent, type: 'directory', mode: 0o755 });
    }
    // Programs share libraries: the first one is as good as the next.
    if (done.has(entry.path)) continue;
    done.add(entry.path);
    await addEntry(tar, entry);
  }
}

async function addEntry(tar: Pack, entry: Entry): Promise<void> {
  const { path: name } = entry;
  switch (entry.type) {
    case 'directory':
      return add(tar, { name, type: 'directory', mode: entry.mode });
    case 'link':
      return add(tar, { name, type: 'symlink', mode: 0o777, linkname: entry.target });
    case 'text':
      return add(tar, { name, mode: entry.mode }, entry.text);
    case 'copy':
      return addCopy(tar, { name, mode: entry.mode }, entry.source);
  }
}

async function addImages(
  tar: Pack,
  images: ImageConfig[],
  layer: { size: number; digest: string; path: string },
  architecture: string,
): Promise<void> {
  const layerName = `${layer.digest}.tar`;
  await addCopy(tar, { name: layerName, mode: 0o644 }, layer.path);
  const manifest = [];
  for (const image of images) {
    const config = JSON.stringify(configOf(image, layer.digest, architecture));
    const name = `${createHash('sha256').update(config).digest('hex')}.json`;
    await add(tar, { name, mode: 0o644 }, config);
    manifest.push({ Config: name, RepoTags: [image.reference], Layers: [layerName] });
  }
  await add(tar, { name: 'manifest.json', mode: 0o644 }, JSON.stringify(manifest));
}

/** The image's configuration (OCI Image Format Specification, "Image Configuration"). */
function configOf(image: ImageConfig, layerDigest: string, architecture: string) {
  return {
    architecture,
    os: 'linux',
    config: {
      Entrypoint: image.entrypoint,
      ...(image.command && { Cmd: image.command }),
      ...(image.user && { User: image.user }),
      Env: [`PATH=${PATH}`],
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layerDigest}`] },
    history: [{ created_by: 'meshplan lab' }],
  };
}

async function addCopy(tar: Pack, headers: Headers, source: string): Promise<void> {
  const { size } = await stat(source);
  const sink = tar.entry({ ...headers, size, mtime: new Date(0) });
  await pipeline(createReadStream(source, { highWaterMark: CHUNK_BYTES }), sink);
}

function add(tar: Pack, headers: Headers, body = ''): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ ...headers, mtime: new Date(0) }, body, (error) => (error ? reject(error) : resolve()));
  });
}

/** `a/b/c` → `a`, `a/b`. */
function parentsOf(path: string): string[] {
  const parent = dirname(path);
  return parent === '.' ? [] : [...parentsOf(parent), parent];
}
