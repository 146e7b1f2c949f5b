import { createPrivateKey, X509Certificate } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { MeshplanError, messageOf } from '../errors/index.js';
import { hasErrorCode, PRIVATE_FOLDER, syncFolder, writeNew } from '../files/durable.js';
import { conceal } from './conceal.js';
import { caError } from './errors.js';
import { fingerprintOf, readCertificate } from './inspect.js';
import type { CaKeyPair } from './types.js';

/** Where the root CA of one mesh is kept. */
export interface CaStore {
  /** The folder of the mesh, `.meshplan/ca/MESH`. */
  readonly folder: string;
  readonly keyFile: string;
  readonly certFile: string;
  /**
   * The root's certificate and whether its key is at hand, which is not opened: to plan needs no key.
   * Undefined where neither is there. Throws `ca-cert-missing`, `ca-unreadable`.
   */
  look(): Promise<{ certPem: string; keyAvailable: boolean } | undefined>;
  /**
   * The root, without `keyPem` where only its certificate is there; undefined where neither is.
   * Throws `ca-key-permissions` where others than the owner may read the key, `ca-cert-missing` where only
   * the key is there, `ca-unreadable` where the file system refuses.
   */
  read(): Promise<{ certPem: string; keyPem: string | undefined } | undefined>;
  /**
   * Keeps a new root. Never replaces one: throws `ca-key-exists` where there is a key, and
   * `ca-key-missing` where there is a certificate whose key is elsewhere.
   */
  write(root: CaKeyPair): Promise<void>;
}

/** The store in `folder`; `override` names the user's own files (`trust.ca.root.keyFile`, `certFile`). */
export function openCaStore(folder: string, override: { keyFile?: string; certFile?: string } = {}): CaStore {
  const files: RootFiles = {
    folder: resolve(folder),
    keyFile: resolve(override.keyFile ?? join(folder, 'root-key.pem')),
    certFile: resolve(override.certFile ?? join(folder, 'root-cert.pem')),
  };
  return {
    ...files,
    look: () => lookForRoot(files),
    read: () => readRoot(files),
    write: (root) => writeRoot(files, root),
  };
}

/** What a file's name goes on with until it gets its place: the start of the certificate's fingerprint. */
const STAGED = /^\.[0-9a-f]{16}\.new$/;

interface RootFiles {
  folder: string;
  keyFile: string;
  certFile: string;
}

async function lookForRoot(
  files: RootFiles,
): Promise<{ certPem: string; keyAvailable: boolean } | undefined> {
  const certPem = await readCert(files.certFile);
  if (certPem) return { certPem, keyAvailable: await exists(files.keyFile) };
  // A key alone may be that of a write which a crash cut short; only reading it tells.
  const found = await readRoot(files);
  return found && { certPem: found.certPem, keyAvailable: found.keyPem !== undefined };
}

async function readRoot(
  files: RootFiles,
): Promise<{ certPem: string; keyPem: string | undefined } | undefined> {
  const keyPem = await readKey(files.keyFile);
  const certPem = (await readCert(files.certFile)) ?? (keyPem && (await finishWrite(files, keyPem)));
  if (certPem) return conceal({ certPem, keyPem }, ['keyPem']);
  if (keyPem === undefined) return undefined;
  throw caError(
    'ca-cert-missing',
    `${files.keyFile} has no certificate at ${files.certFile}`,
    'Put the certificate back (every Secret cacerts holds it as root-cert.pem), or move the key away.',
  );
}

/** Reads the key through one handle, so that the file that is checked is the file that is read. */
async function readKey(file: string): Promise<string | undefined> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, constants.O_RDONLY);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw unreadable(file, error);
  }
  try {
    const { mode } = await handle.stat();
    // Windows has no such bits; its files are private through their folder.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      const found = (mode & 0o777).toString(8);
      throw caError(
        'ca-key-permissions',
        `${file} is open to other users (mode ${found})`,
        `chmod 600 ${file}`,
      );
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function readCert(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw unreadable(file, error);
  }
}

/**
 * Key and certificate are two files, so a crash can fall between them. The certificate is therefore on the
 * disk under a name of its own before the key appears, and gets its place here if it had not before.
 */
async function writeRoot(files: RootFiles, root: CaKeyPair): Promise<void> {
  await prepareFolder(files);
  if (await exists(files.keyFile)) throw keyExists(files);
  if (await exists(files.certFile)) throw keyMissing(files);
  const suffix = `${fingerprintOf(readCertificate(root.certPem)).slice(0, 16)}.new`;
  const stagedKey = `${files.keyFile}.${suffix}`;
  const stagedCert = `${files.certFile}.${suffix}`;
  try {
    await writeNew(stagedCert, root.certPem);
    await writeNew(stagedKey, root.keyPem);
    // `link` refuses where a key has appeared meanwhile; `rename` would replace it.
    await link(stagedKey, files.keyFile);
  } catch (error) {
    await rm(stagedCert, { force: true });
    throw (await exists(files.keyFile)) ? keyExists(files) : unwritable(files.keyFile, error);
  } finally {
    await rm(stagedKey, { force: true });
  }
  await syncFolder(dirname(files.keyFile));
  await rename(stagedCert, files.certFile);
  await syncFolder(dirname(files.certFile));
  await removeStaged(files);
}

/** Gives a certificate its place that a crash had kept from it; undefined where there is none of this key. */
async function finishWrite(files: RootFiles, keyPem: string): Promise<string | undefined> {
  for (const staged of await stagedFiles(files.certFile)) {
    const certPem = await readCert(staged);
    if (certPem === undefined || !isPair(certPem, keyPem)) continue;
    await rename(staged, files.certFile);
    await syncFolder(dirname(files.certFile));
    return certPem;
  }
  return undefined;
}

function isPair(certPem: string, keyPem: string): boolean {
  try {
    return new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

async function prepareFolder({ folder, keyFile, certFile }: RootFiles): Promise<void> {
  try {
    for (const path of [folder, dirname(keyFile), dirname(certFile)]) {
      await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
    }
    await chmod(folder, PRIVATE_FOLDER);
    const ignore = join(ignoredFolder(folder), '.gitignore');
    if (!(await exists(ignore))) await writeFile(ignore, '*\n');
  } catch (error) {
    throw unwritable(folder, error);
  }
}

/** `.meshplan` itself where the folder lies in one, so that git ignores all of it. */
function ignoredFolder(folder: string): string {
  for (let path = folder; path !== dirname(path); path = dirname(path)) {
    if (basename(path) === '.meshplan') return path;
  }
  return folder;
}

async function stagedFiles(file: string): Promise<string[]> {
  const names = await readdir(dirname(file));
  const prefix = basename(file);
  const staged = names.filter((name) => name.startsWith(prefix) && STAGED.test(name.slice(prefix.length)));
  return staged.map((name) => join(dirname(file), name));
}

/** Leftovers of writes that a crash cut short: keys that no certificate in use was ever made with. */
async function removeStaged({ keyFile, certFile }: RootFiles): Promise<void> {
  for (const staged of [...(await stagedFiles(keyFile)), ...(await stagedFiles(certFile))]) {
    await rm(staged, { force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    return !hasErrorCode(error, 'ENOENT');
  }
}

function keyExists({ keyFile }: RootFiles): MeshplanError {
  return caError(
    'ca-key-exists',
    `${keyFile} is there already`,
    'Move it away if a new root is really wanted.',
  );
}

function keyMissing({ keyFile, certFile }: RootFiles): MeshplanError {
  return caError(
    'ca-key-missing',
    `${certFile} is there, but not its key ${keyFile}`,
    'Put the key back. If no mesh uses that root any more, move the certificate away to start a new one.',
  );
}

function unreadable(file: string, cause: unknown): MeshplanError {
  return caError('ca-unreadable', `${file} cannot be read: ${messageOf(cause)}`, 'Check who may read it.');
}

function unwritable(path: string, cause: unknown): MeshplanError {
  return new MeshplanError('ca-unwritable', `${path} cannot be written: ${messageOf(cause)}`, {
    hint: 'The folder must be writable and its file system must know hard links.',
    cause,
  });
}
