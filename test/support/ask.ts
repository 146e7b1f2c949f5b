import * as assert from 'uvu/assert';
import type { Lab } from './lab.js';

/** What one request of a pod was answered: an HTTP status, `000` where there was none, the body, and how long it took. */
export interface Reply {
  status: string;
  seconds: number;
  body: string;
}

export interface Question {
  /** The caller: its cluster, and the value of its pods' label `app`. */
  from: { cluster: string; app: string };
  host?: string;
  /** One of agnhost's paths. */
  path?: string;
  count: number;
  headers?: string[];
  method?: string;
  /** Whether all are sent at once, each over a connection of its own. */
  together?: boolean;
}

const BACKEND = 'backend.production.svc.cluster.local';

/**
 * Asks one pod of `production` to call a host, one request after the other over one connection, as a program
 * with a pool would; its sidecar decides about each. The default is who answers for the backend.
 */
export async function ask(
  lab: Lab,
  {
    from,
    host = BACKEND,
    path = '/hostname',
    count,
    headers = [],
    method = 'GET',
    together = false,
  }: Question,
) {
  const url = `http://${host}${path}${path.includes('?') ? '&' : '?'}n=[1-${count}]`;
  const curl = [
    'curl',
    '-s',
    '-m',
    '5',
    '-w',
    '|%{http_code} %{time_total}\\n',
    '-X',
    method,
    ...(together ? ['-Z', '--parallel-immediate', '--parallel-max', String(count)] : []),
    ...headers.flatMap((item) => ['-H', item]),
    url,
  ];
  const pod = await podOf(lab, from.cluster, from.app);
  const answer = await lab.run(
    ...['kubectl', '--context', from.cluster, '-n', 'production', 'exec', pod, '-c', from.app, '--', ...curl],
  );
  const replies = answer.stdout.split('\n').filter(Boolean).map(replyIn);
  assert.is(replies.length, count, `${answer.stdout}${answer.stderr}`);
  return replies;
}

/** The name of one pod that is not on its way out. */
export async function podOf(lab: Lab, cluster: string, app: string): Promise<string> {
  const [pod] = await podsOf(lab, cluster, app);
  assert.ok(pod, `${cluster} has no pod of ${app}`);
  return pod?.name ?? '';
}

/** Pods of an app in `production` that are not on their way out. */
export async function podsOf(lab: Lab, cluster: string, app: string) {
  const text = await lab.kubectl(
    cluster,
    '-n',
    'production',
    'get',
    'pods',
    '-l',
    `app=${app}`,
    '-o',
    'json',
  );
  const { items } = JSON.parse(text) as {
    items: { metadata: { name: string; deletionTimestamp?: string }; status: { podIP?: string } }[];
  };
  return items
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata, status }) => ({ name: metadata.name, address: status.podIP ?? '' }));
}

function replyIn(line: string): Reply {
  const cut = line.lastIndexOf('|');
  const [status = '', seconds] = line.slice(cut + 1).split(' ');
  return { body: line.slice(0, cut), status, seconds: Number(seconds) };
}

/** How many replies fit. */
export const countOf = (replies: Reply[], isMeant: (reply: Reply) => boolean): number =>
  replies.filter(isMeant).length;

/** How often each status came, e.g. `200: 30`. */
export function statusesOf(replies: Reply[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
