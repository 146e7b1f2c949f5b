import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { labEnvironment } from '../../src/lab/index.js';
import { namesOf, within } from '../../src/lab/network/names.js';
import { atEnd } from './cleanup.js';
import { copyOfExample } from './folders.js';
import { containersOf, NOTHING, nodeRemainsOf } from './node-remains.js';
import { remainsOf } from './remains.js';
import { type Answer, cleanEnvironment, endChildren, MESHPLAN, type Running, run, start } from './run.js';

export interface LabOptions {
  /** A folder of examples. */
  example: string;
  /** A mesh file that names the clusters; without it, that of the example does. */
  clusters?: string;
  /** What the load balancer answers, e.g. `ip=172.31.9.1`. */
  address?: string;
  /** 2 for real nodes and pods, which need root; 1 unless told. */
  level?: 1 | 2;
  /** How meshplan is called; without it, this checkout's. */
  program?: string[];
}

/** Real clusters for a copy of an example, and the command line in the folder of that copy. */
export interface Lab {
  /** Holds mesh.yaml, the state file and `.meshplan`. */
  folder: string;
  dir: string;
  env: NodeJS.ProcessEnv;
  /** Runs any program where the clusters are reachable. */
  run(...command: string[]): Promise<Answer>;
  /** Runs meshplan where the clusters are reachable. */
  meshplan(...args: string[]): Promise<Answer>;
  /** The same, for those who do not wait. */
  start(args: string[], env?: Record<string, string>): Running;
  /** Runs kubectl in one cluster and gives back its stdout; a failure fails the test. */
  kubectl(cluster: string, ...args: string[]): Promise<string>;
  /** Writes a file into the folder and gives back its path. */
  write(name: string, text: string): Promise<string>;
  /** Ends the clusters and asserts that nothing is left. */
  down(): Promise<void>;
}

/** Time that the runner leaves between SIGTERM and SIGKILL, less some. */
const DOWN_LIMIT_MS = 17_000;

/** Starts the clusters. They are ended with this process, or by `down()`. */
export async function labUp({
  example,
  clusters,
  address,
  level = 1,
  program = [process.execPath, MESHPLAN],
}: LabOptions): Promise<Lab> {
  const folder = copyOfExample(example);
  const dir = join(folder, '.meshplan', 'lab');
  const command = (...args: string[]) => [...program, ...args];
  const outside = { cwd: folder, env: cleanEnvironment() };
  const endLab = () => {
    endChildren();
    const [file = '', ...args] = command('lab', 'down');
    spawnSync(file, args, { ...outside, timeout: DOWN_LIMIT_MS });
  };
  const forget = atEnd(endLab);
  if (clusters !== undefined) await writeFile(join(folder, 'clusters.yaml'), clusters);
  const flags = [
    ...(clusters === undefined ? [] : ['-f', 'clusters.yaml']),
    ...(address ? ['--address', address] : []),
    ...(level === 2 ? ['--level', '2'] : []),
  ];
  const up = await run(command('lab', 'up', ...flags), outside);
  assert.is(up.code, 0, up.stderr);
  // What `lab exec` does. Without that process in between, signals go straight to the command.
  const env = cleanEnvironment(await labEnvironment({ dir }));
  const inside = { cwd: folder, env };
  const prefix = level === 2 ? within(namesOf(dir).hub) : [];
  return {
    folder,
    dir,
    env,
    run: (...args) => run([...prefix, ...args], inside),
    meshplan: (...args) => run([...prefix, ...command(...args)], inside),
    start: (args, more) => start([...prefix, ...command(...args)], { ...inside, env: { ...env, ...more } }),
    async kubectl(cluster, ...args) {
      const kubectl = [join(dir, 'bin', 'kubectl'), '--context', cluster, ...args];
      const answer = await run([...prefix, ...kubectl], inside);
      assert.is(answer.code, 0, `kubectl ${args.join(' ')}: ${answer.stderr}`);
      return answer.stdout;
    },
    async write(name, text) {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    async down() {
      const containers = level === 2 ? containersOf(dir) : [];
      const answer = await run(command('lab', 'down'), outside);
      assert.is(answer.code, 0, answer.stderr);
      forget();
      if (level === 2) assert.equal(nodeRemainsOf(dir, containers), NOTHING);
      else assert.equal(remainsOf(dir), { processes: [], files: [] });
    },
  };
}
