import { readFile } from 'node:fs/promises';
import { messageOf } from '../../errors/index.js';
import type { Findings } from '../findings.js';

/** What is said of a file that is not there. */
export interface MissingFile {
  code: string;
  message: string;
  hint: string;
}

/**
 * The text of a file without its byte order mark; undefined after a finding: `missing` where there is no such
 * file, `file-unreadable` or `not-utf8`. `shown` is the name that findings carry.
 */
export async function readText(
  path: string,
  shown: string,
  missing: MissingFile,
  findings: Findings,
): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') findings.error(missing.code, { file: shown }, missing.message, missing.hint);
    else {
      const reason = code === 'EISDIR' ? 'it is a folder' : messageOf(error);
      findings.error(
        'file-unreadable',
        { file: shown },
        `cannot read ${shown}: ${reason}`,
        'name a readable file',
      );
    }
    return undefined;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    findings.error('not-utf8', { file: shown }, `${shown} is not UTF-8 text`, 'save the file as UTF-8');
    return undefined;
  }
}
