import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensureBinaries } from '../../src/lab/binaries/index.js';
import { requireHostTools } from '../../src/lab/host-needs.js';
import { ensureImages } from '../../src/lab/images/index.js';
import { type LabEvent, type Level2UpOptions, labEnvironment } from '../../src/lab/index.js';
import { namesOf, within } from '../../src/lab/network/names.js';

const run = promisify(execFile);

/** The options that bring up a primary and a remote with real nodes. */
export async function twoRealClusters(dir: string, events: LabEvent[] = []): Promise<Level2UpOptions> {
  const host = await requireHostTools();
  const binaries = await ensureBinaries({ level: 2 });
  return {
    dir,
    level: 2,
    host,
    binaries,
    images: await ensureImages({ binaries, host }),
    clusters: [
      { name: 'cluster-1', region: 'us-east-1', primary: true },
      // As long as a name may be.
      { name: LONG_NAME, context: 'cluster-2', region: 'us-west-2', zone: 'us-west-2c', primary: false },
    ],
    onEvent: (event) => events.push(event),
  };
}

export const LONG_NAME = `cluster-2-${'x'.repeat(53)}`;

/** What a command in the hub of the lab prints, without the last line's end; rejects when it fails. */
export async function inHub(dir: string, program: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, ...(await labEnvironment({ dir })) };
  const [command = '', ...rest] = [...within(namesOf(dir).hub), program, ...args];
  const { stdout } = await run(command, rest, { env, timeout: 60_000 });
  return stdout.trimEnd();
}

export const kubectl = (dir: string, context: string, ...args: string[]) =>
  inHub(dir, 'kubectl', '--context', context, ...args);
