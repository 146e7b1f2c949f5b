import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect } from '../../src/kube/http.js';
import { ensureBinaries } from '../../src/lab/binaries/index.js';
import { type LabEvent, type Level1UpOptions, labDown, labEnvironment } from '../../src/lab/index.js';
import type { Cluster } from '../../src/model/kube.js';

const run = promisify(execFile);

/** A folder for one test file's lab; the lab in it is ended and all of it removed on every kind of exit. */
export function labFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'meshplan-lab-test-'));
  const dir = join(root, 'lab');
  const cleanUp = async () => {
    await labDown({ dir, onEvent: () => undefined });
    rmSync(root, { recursive: true, force: true });
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void cleanUp().finally(() => process.exit(1)));
  }
  process.once('beforeExit', () => void cleanUp());
  return dir;
}

/** The options that bring up a primary and a remote. */
export async function twoClusters(dir: string, events: LabEvent[] = []): Promise<Level1UpOptions> {
  return {
    dir,
    level: 1,
    binaries: await ensureBinaries({ level: 1 }),
    clusters: [
      { name: 'cluster-1', region: 'us-east-1', primary: true },
      { name: 'cluster-2', region: 'us-west-2', primary: false },
    ],
    onEvent: (event) => events.push(event),
  };
}

interface Kubeconfig {
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { name: string; user: { token: string } }[];
}

export const readKubeconfig = (dir: string) =>
  JSON.parse(readFileSync(join(dir, 'kubeconfig'), 'utf8')) as Kubeconfig;

export function openCluster(dir: string, name: string): Cluster {
  const kubeconfig = readKubeconfig(dir);
  const entry = kubeconfig.clusters.find((item) => item.name === name)?.cluster;
  const token = kubeconfig.users.find((item) => item.name === name)?.user.token;
  if (!entry || !token) throw new Error(`the kubeconfig has no ${name}`);
  const ca = Buffer.from(entry['certificate-authority-data'], 'base64');
  return connect({ name, server: entry.server, ca, token });
}

/** Runs a program with the lab's environment; its standard output. */
export async function inLab(dir: string, program: string, args: string[], input?: string): Promise<string> {
  const env = { ...process.env, ...(await labEnvironment({ dir })) };
  const promise = run(program, args, { env, maxBuffer: 64 * 1024 * 1024 });
  promise.child.stdin?.end(input ?? '');
  return (await promise).stdout;
}

/** Pids of all processes that carry the folder's marker in their environment. */
export function processesOf(dir: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`MESHPLAN_LAB_DIR=${dir}\0`);
      } catch {
        return false;
      }
    })
    .map(Number);
}
