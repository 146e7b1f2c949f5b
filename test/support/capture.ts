import { join } from 'node:path';
import { namesOf, within } from '../../src/lab/network/names.js';
import type { Lab } from './lab.js';
import { ROOT, start } from './run.js';

/** A TCP connection that began while it was watched, with the first three bytes (hexadecimal) of its caller. */
export interface Call {
  from: string;
  to: string;
  port: number;
  first: string;
}

export interface Capture {
  calls: Call[];
  /** Packets in which the marker could be read. */
  marked: number;
}

const SCRIPT = join(ROOT, 'test', 'support', 'first-bytes.py');

/**
 * Watches what passes between a cluster and the rest of a level-2 lab, at the hub's end of its cable.
 * @returns what ends it and gives what was seen.
 */
export async function capture(lab: Lab, cluster: number, marker: string): Promise<() => Promise<Capture>> {
  const watch = start([...within(namesOf(lab.dir).hub), 'python3', SCRIPT, `c${cluster}`, marker]);
  await watch.shows('ready');
  return async () => {
    watch.kill('SIGTERM');
    const { stdout } = await watch.answer;
    return JSON.parse(stdout.slice(stdout.indexOf('{'))) as Capture;
  };
}
