import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { atEnd } from './cleanup.js';
import { copyOfExample } from './folders.js';
import { containersOf, NOTHING, nodeRemainsOf } from './node-remains.js';
import { type Answer, cleanEnvironment, endChildren, MESHPLAN, type RunOptions, run } from './run.js';

/** A level-2 lab for a copy of an example, driven by the built command line as its user would. */
export interface Lab2 {
  /** Holds mesh.yaml, the state file and `.meshplan`. */
  folder: string;
  dir: string;
  /** Runs a `lab` command, from outside of the lab. */
  lab(...args: string[]): Promise<Answer>;
  /** Runs any command where the clusters are reachable, by `lab exec`. */
  exec(command: string[], options?: RunOptions): Promise<Answer>;
  /** Runs meshplan where the clusters are reachable. */
  meshplan(...args: string[]): Promise<Answer>;
  /** Runs kubectl in one cluster and gives back its stdout; a failure fails the test. */
  kubectl(cluster: string, ...args: string[]): Promise<string>;
  /** Writes a file into the folder and gives back its path. */
  write(name: string, text: string): Promise<string>;
  /** Ends the lab and asserts that nothing is left on the machine. */
  down(): Promise<void>;
}

/** Time that the runner leaves between SIGTERM and SIGKILL, less some. */
const DOWN_LIMIT_MS = 17_000;
const meshplanCommand = (...args: string[]) => [process.execPath, MESHPLAN, ...args];

/** Starts the clusters. They are ended with this process, or by `down()`. */
export async function lab2Up(example = 'primary-remote'): Promise<Lab2> {
  const lab = lab2In(copyOfExample(example));
  const up = await lab.lab('up', '--level', '2');
  assert.is(up.code, 0, up.stderr);
  return lab;
}

/** The lab of a folder with a mesh file, started or not. What is left of it is ended with this process. */
export function lab2In(folder: string): Lab2 {
  const dir = join(folder, '.meshplan', 'lab');
  const outside = { cwd: folder, env: cleanEnvironment() };
  atEnd(() => {
    endChildren();
    const [file = '', ...args] = meshplanCommand('lab', 'down');
    spawnSync(file, args, { ...outside, timeout: DOWN_LIMIT_MS });
  });
  const lab = (...args: string[]) => run(meshplanCommand('lab', ...args), outside);
  const exec = (command: string[], options: RunOptions = {}) =>
    run(meshplanCommand('lab', 'exec', '--', ...command), { ...outside, ...options });
  return {
    folder,
    dir,
    lab,
    exec,
    meshplan: (...args) => exec(meshplanCommand(...args)),
    async kubectl(cluster, ...args) {
      const answer = await exec(['kubectl', '--context', cluster, ...args]);
      assert.is(answer.code, 0, `kubectl ${args.join(' ')}: ${answer.stderr}`);
      return answer.stdout;
    },
    async write(name, text) {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    async down() {
      const containers = containersOf(dir);
      const answer = await lab('down');
      assert.is(answer.code, 0, answer.stderr);
      assert.equal(nodeRemainsOf(dir, containers), NOTHING);
    },
  };
}
