import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { analysisBy, connectRequest } from '../../../src/cli/analysis.js';
import { connectClusters } from '../../../src/kube/kubeconfig.js';
import type { ResolvedCluster } from '../../../src/model/resolved-mesh.js';
import { temporaryFolder } from '../../support/folders.js';

const folder = temporaryFolder();

/** Stands for istioctl: its only message tells how it was called. */
const program = join(folder, 'istioctl');
writeFileSync(
  program,
  `#!/bin/sh\necho "[{\\"code\\":\\"IST0101\\",\\"level\\":\\"Error\\",\\"message\\":\\"$KUBECONFIG $*\\",\\"cluster\\":\\"at-b\\"}]"\n`,
);
chmodSync(program, 0o755);

/** A kubeconfig with a context for each name, whose server and token are of that name and file alone. */
function kubeconfig(file: string, ...contexts: string[]): string {
  const list = (key: string, more: (name: string) => object) =>
    contexts.map((name) => ({ name, [key]: more(name) }));
  const path = join(folder, file);
  const text = {
    clusters: list('cluster', (name) => ({ server: `https://${name}.${file}.example` })),
    users: list('user', (name) => ({ token: `token-of-${name}` })),
    contexts: list('context', (name) => ({ cluster: name, user: name })),
  };
  writeFileSync(path, JSON.stringify(text));
  return path;
}

const cluster = (name: string, context: string, own?: string) =>
  ({ name, context, ...(own ? { kubeconfig: own } : {}) }) as ResolvedCluster;

async function ask(clusters: ResolvedCluster[], file?: string) {
  const connections = await connectClusters(clusters.map(connectRequest), file);
  const [primary, ...remotes] = clusters.map(({ name }) => name);
  const answer = await analysisBy(program, clusters, connections, file)(primary ?? '', remotes);
  for (const { cluster: connected } of connections.values()) connected.close();
  return answer;
}

test('istioctl gets the kubeconfig that is there, contexts, and nothing secret', async () => {
  const file = kubeconfig('both', 'at-a', 'at-b');
  const [message] = (await ask([cluster('a', 'at-a'), cluster('b', 'at-b')], file)) as {
    message: string;
    cluster: string;
  }[];
  assert.is(message?.cluster, 'b');
  assert.ok(message?.message.startsWith(`${file} analyze --all-namespaces`), message?.message);
  assert.match(message?.message ?? '', /--context at-a --remote-contexts at-b$/);
});

test('kubeconfigs of clusters are read together', async () => {
  const [one, two] = [kubeconfig('one', 'at-a'), kubeconfig('two', 'at-b')];
  const [message] = (await ask([cluster('a', 'at-a', one), cluster('b', 'at-b', two)])) as {
    message: string;
  }[];
  assert.ok(message?.message.startsWith(`${one}${delimiter}${two} `), message?.message);
});

test('where they use one name for different things nobody can be asked', async () => {
  const [one, two] = [kubeconfig('three', 'at-a', 'at-b'), kubeconfig('four', 'at-b')];
  const answer = await ask([cluster('a', 'at-a', one), cluster('b', 'at-b', two)]);
  assert.match((answer as { unasked: string }).unasked, /use the name at-b/);
});

test('a remote whose context is named as istioctl names the primary cannot be told from it', async () => {
  const file = kubeconfig('five', 'at-a', 'default');
  const answer = await ask([cluster('a', 'at-a'), cluster('b', 'default')], file);
  assert.match((answer as { unasked: string }).unasked, /context default/);
});

test.run();
