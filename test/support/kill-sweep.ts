import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import {
  assertComesToNames,
  assertSameListings,
  type Listings,
  listings,
  namesIn,
  withoutAddresses,
} from './inventory.js';
import type { Lab } from './lab.js';

/** How long a whole apply and a whole destroy take here, and what the clusters hold before and after. */
export interface Baseline {
  clusters: string[];
  applyMs: number;
  destroyMs: number;
  before: Listings;
  /** Names per cluster, without the parts that are random. */
  applied: Map<string, string[]>;
}

/** What goes with the measured runs, and is called after each. */
interface MeasureOptions {
  env?: Record<string, string>;
  after?: (command: 'apply' | 'destroy') => Promise<void>;
}

/** One undisturbed apply and destroy, which tell what every disturbed one must come to. */
export async function measure(
  lab: Lab,
  clusters: string[],
  { env = {}, after = async () => {} }: MeasureOptions = {},
): Promise<Baseline> {
  const before = await listings(lab, clusters);
  const apply = await succeedWith(lab, env, 'apply', '-y');
  await after('apply');
  const applied = namesIn(await listings(lab, clusters));
  const destroy = await succeedWith(lab, env, 'destroy', '-y');
  await after('destroy');
  assertSameListings(await listings(lab, clusters), before);
  return { clusters, applyMs: apply.durationMs, destroyMs: destroy.durationMs, before, applied };
}

const succeed = (lab: Lab, ...args: string[]) => succeedWith(lab, {}, ...args);

async function succeedWith(lab: Lab, env: Record<string, string>, ...args: string[]) {
  const answer = await lab.start(args, env).answer;
  assert.is(answer.code, 0, `meshplan ${args.join(' ')}\n${answer.stdout}\n${answer.stderr}`);
  return answer;
}

/** Starts a command and kills it without warning. @returns how long it ran, where it had ended before. */
export async function killAfter(
  lab: Lab,
  command: 'apply' | 'destroy',
  delayMs: number,
): Promise<number | undefined> {
  const running = lab.start([command, '-y']);
  await Promise.race([sleep(delayMs), running.answer]);
  running.kill('SIGKILL');
  const { signal, durationMs } = await running.answer;
  const last = running.seen().trim().split('\n').at(-1);
  const how = signal === 'SIGKILL' ? `killed after ${Math.round(delayMs)} ms` : 'had ended before';
  console.log(`${command} ${how}; its last words: ${last}`);
  return signal === 'SIGKILL' ? undefined : durationMs;
}

/**
 * Kills an apply at a moment of its run. One that ends before, for it had less to do than the first or the
 * machine has become faster, does not count: the mesh is removed, and the next one is killed sooner.
 */
export async function killApply(lab: Lab, baseline: Baseline, random: () => number): Promise<void> {
  for (let limitMs = baseline.applyMs; ; ) {
    const durationMs = await killAfter(lab, 'apply', random() * limitMs);
    if (durationMs === undefined) return;
    limitMs = Math.min(limitMs, durationMs) * 0.8;
    await succeed(lab, 'destroy', '-y');
  }
}

/** The next apply makes the whole mesh, each object once, and leaves nothing to do. */
export async function assertConverges(lab: Lab, { applied }: Baseline): Promise<void> {
  await succeed(lab, 'apply', '-y');
  await succeed(lab, 'plan', '--detailed-exitcode');
  await assertComesToNames(lab, applied);
}

/** The state file is whole, and its lock and journal are gone. */
export async function assertStateIsSound(lab: Lab): Promise<void> {
  const file = join(lab.folder, 'meshplan.state.json');
  const state = JSON.parse(await readFile(file, 'utf8')) as { formatVersion: string; objects: object };
  assert.is(state.formatVersion, '1');
  for (const [address, entry] of Object.entries(state.objects)) {
    const { uid, phase } = entry as { uid: string; phase: string };
    assert.is(phase, 'applied', address);
    assert.ok(uid, address);
  }
  for (const suffix of ['.lock', '.journal']) {
    const left = await readFile(file + suffix, 'utf8').catch(() => undefined);
    assert.is(left, undefined, suffix);
  }
}

/** Removes the mesh, and finds the clusters as they were at first. */
export async function assertGoes(lab: Lab, { clusters, before }: Baseline): Promise<void> {
  await succeed(lab, 'destroy', '-y');
  assertSameListings(withoutAddresses(await listings(lab, clusters)), withoutAddresses(before));
}
