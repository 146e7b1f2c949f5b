import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MeshplanError, messageOf } from '../errors/index.js';
import { PRIVATE_FILE, syncFolder } from '../files/durable.js';

interface Waiting {
  line: string;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Appends lines to a file; each promise resolves once its line is on the disk, or fails with
 * `journal-unwritable`.
 * Lines that arrive while the disk is busy are written together, so that forty objects
 * recorded at once cost two or three fsyncs, not forty.
 */
export class JournalWriter {
  readonly #file: string;
  readonly #validBytes: number;
  #handle: FileHandle | undefined;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  /** `validBytes`: where the last whole line ends; a torn tail after it is cut off at the first append. */
  constructor(file: string, validBytes: number) {
    this.#file = file;
    this.#validBytes = validBytes;
  }

  append(...lines: string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line: lines.join(''), resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** False once a line could not be written. */
  get isWhole(): boolean {
    return this.#failure === undefined;
  }

  /** Waits for what is under way and closes the file for good. */
  async close(): Promise<void> {
    await this.#flushing;
    this.#failure ??= { error: new Error(`${this.#file} is closed`) };
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        // After a failed write the file's tail is not known, so nothing may follow it.
        if (this.#failure) throw this.#failure.error;
        await this.#write(batch.map((item) => item.line).join(''));
        for (const item of batch) item.resolve();
      } catch (error) {
        this.#failure ??= { error: unwritable(this.#file, error) };
        for (const item of batch) item.reject(this.#failure.error);
      }
    }
    this.#flushing = undefined;
  }

  async #write(text: string): Promise<void> {
    this.#handle ??= await this.#open();
    await this.#handle.appendFile(text);
    await this.#handle.datasync();
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#file), { recursive: true });
    const handle = await open(this.#file, 'a', PRIVATE_FILE);
    try {
      await handle.truncate(this.#validBytes);
      await syncFolder(dirname(this.#file));
      return handle;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }
}

function unwritable(file: string, cause: unknown): MeshplanError {
  return new MeshplanError('journal-unwritable', `${file} cannot be written: ${messageOf(cause)}`, {
    hint: 'Check the space on the disk and who may write there.',
    cause,
  });
}
