import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openWhenMade } from '../../../src/lab/agent/open-when-made.js';
import { type ClusterLayout, clusterLayoutOf, layoutOf } from '../../../src/lab/layout.js';
import { planLevel2 } from '../../../src/lab/plan-lab.js';
import type { ClusterState } from '../../../src/lab/state.js';

const test = suite<{ folder: string; cluster: ClusterState; layout: ClusterLayout }>(
  'the way to a new cluster',
);
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), 'meshplan-open-'));
  [context.cluster] = planLevel2([{ name: 'cluster-1', primary: true }]) as [ClusterState];
  context.layout = clusterLayoutOf(layoutOf(context.folder), 'cluster-1');
  await mkdir(context.layout.dir, { recursive: true });
});
test.after.each(({ folder }) => rm(folder, { recursive: true, force: true }));

const make = (files: string[]) => Promise.all(files.map((file) => writeFile(file, 'made')));

test('opens when all credentials are there, and not before', async ({ cluster, layout }) => {
  let isOpen = false;
  const opening = openWhenMade(cluster, layout, new AbortController().signal).then((api) => {
    isOpen = true;
    return api;
  });
  await make([layout.ca]);
  await sleep(250);
  assert.not.ok(isOpen);
  await make([layout.adminToken]);
  await make([layout.tokens]);
  const api = await opening;
  assert.is(api?.cluster.server, 'https://172.30.0.1:6443');
  api?.close();
});

test('a signal that comes before or meanwhile leaves nothing open', async ({ cluster, layout }) => {
  assert.is(await openWhenMade(cluster, layout, AbortSignal.abort()), undefined);
  await make([layout.ca, layout.adminToken, layout.tokens]);
  const stop = new AbortController();
  const opening = openWhenMade(cluster, layout, stop.signal);
  stop.abort();
  assert.is(await opening, undefined);
});

test.run();
