import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { ensurePrometheus } from '../../src/lab/binaries/index.js';
import { locate } from '../../src/lab/locate.js';
import { readState } from '../../src/lab/state.js';
import { atEnd } from './cleanup.js';
import { temporaryFolder } from './folders.js';
import type { Lab } from './lab.js';
import { type Answer, run } from './run.js';
import { until } from './until.js';

export interface ScrapeJob {
  job_name: string;
  static_configs: { targets: string[]; labels?: Record<string, string> }[];
  /** Other fields of Prometheus' `scrape_config`. */
  [field: string]: unknown;
}

/** One value of an instant query. */
export interface Sample {
  metric: Record<string, string>;
  value: number;
}

export interface ActiveAlert {
  state: 'pending' | 'firing';
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** The expression's value as Prometheus writes it. */
  value: string;
}

/** A Prometheus on loopback with a folder of its own; it ends with this process, or by `end()`. */
export interface Prometheus {
  url: string;
  /** An instant query, now. A query that Prometheus refuses fails the test. */
  query(expression: string): Promise<Sample[]>;
  /** Those that are pending too. */
  alerts(): Promise<ActiveAlert[]>;
  /** Waits until alerts of these names fire, and no others. */
  untilFiring(names: string[], limitMs?: number): Promise<ActiveAlert[]>;
  end(): Promise<void>;
}

/** Starts Prometheus and waits until it is ready. It scrapes and evaluates once a second. */
export async function startPrometheus(options: { rules?: object; jobs: ScrapeJob[] }): Promise<Prometheus> {
  const { prometheus } = await ensurePrometheus({});
  const folder = temporaryFolder();
  // JSON is YAML too.
  await writeFile(join(folder, 'mesh.rules.yaml'), JSON.stringify(options.rules ?? { groups: [] }));
  await writeFile(
    join(folder, 'prometheus.yaml'),
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: ['mesh.rules.yaml'],
      scrape_configs: options.jobs,
    }),
  );
  const log = join(folder, 'prometheus.log');
  const file = await open(log, 'w');
  const child = spawn(
    prometheus,
    [
      `--config.file=${join(folder, 'prometheus.yaml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
    ],
    { stdio: ['ignore', file.fd, file.fd] },
  );
  await file.close();
  // A test that fails before it ends Prometheus ends all the same.
  child.unref();
  const forget = atEnd(() => child.kill('SIGKILL'));
  const said = await until(
    'Prometheus is ready',
    () => readFile(log, 'utf8'),
    (text) => text.includes('Server is ready') || child.exitCode !== null,
  );
  const url = `http://${/Listening on" component=web address=(\S+)/.exec(said)?.[1]}`;
  const alerts = async () => ((await ask(url, '/api/v1/alerts')) as { alerts: ActiveAlert[] }).alerts;
  return {
    url,
    alerts,
    async untilFiring(names, limitMs) {
      const firing = async () => (await alerts()).filter(({ state }) => state === 'firing');
      const all = (found: ActiveAlert[]) =>
        [...new Set(found.map(({ labels }) => labels.alertname))].toSorted().join();
      return until(`firing: ${names.join()}`, firing, (found) => all(found) === names.join(), limitMs);
    },
    async query(expression) {
      const { result } = (await ask(url, `/api/v1/query?query=${encodeURIComponent(expression)}`)) as {
        result: { metric: Record<string, string>; value: [number, string] }[];
      };
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    async end() {
      child.ref();
      child.kill('SIGTERM');
      await once(child, 'exit');
      forget();
    },
  };
}

async function ask(url: string, path: string): Promise<unknown> {
  const answer = await fetch(url + path);
  const { status, data, error } = (await answer.json()) as { status: string; data: unknown; error?: string };
  assert.is(status, 'success', `${path}: ${error}`);
  return data;
}

/**
 * The job that scrapes istiod of each of the level-1 lab's clusters, with the labels that a scrape by Istio's pod
 * annotations has. The address leads to whichever istiod of the cluster runs.
 */
export async function istiodJob(lab: Lab, clusters: string[]): Promise<ScrapeJob> {
  const state = await readState(await locate(lab.dir));
  const ports = new Map(
    state?.clusters.map((item) => [item.name, item.level === 1 && item.ports.monitoring]),
  );
  return {
    job_name: 'istiod',
    static_configs: clusters.map((cluster) => ({
      targets: [`127.0.0.1:${ports.get(cluster)}`],
      labels: { namespace: 'istio-system', app: 'istiod', pod: `istiod-of-${cluster}` },
    })),
  };
}

/** Runs promtool in a folder with the files, each written as JSON unless it is a text. */
export async function promtool(args: string[], files: Record<string, string | object>): Promise<Answer> {
  const { promtool: program } = await ensurePrometheus({});
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(folder, name), text);
  }
  return run([program, ...args], { cwd: folder });
}
