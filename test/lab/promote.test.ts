import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lab, labUp } from '../support/lab.js';

const test = suite('a remote that is promoted');
let lab: Lab;
let before: string;

const meshFile = () => readFile(join(lab.folder, 'mesh.yaml'), 'utf8');

test.before(async () => {
  lab = await labUp({ example: 'primary-remote' });
  const applied = await lab.meshplan('apply', '-y');
  assert.is(applied.code, 0, applied.stderr);
  before = await meshFile();
});

test('while the primary lives it is a switchover; off a terminal it is only shown', async () => {
  const { code, stdout, stderr } = await lab.meshplan('promote', 'cluster-2');
  assert.is(code, 0, stderr);
  assert.match(stdout, 'Switchover: cluster-1 becomes a remote of cluster-2, for it answers.');
  assert.match(stdout, /^\+ {6}role: primary /m);
  assert.match(stdout, '? cluster-2/control-plane');
  assert.match(stderr, 'meshplan promote cluster-2 -y');
  assert.is(await meshFile(), before);
});

test('once the primary is away it is a failover, and the primary is fenced', async () => {
  const stopped = await lab.meshplan('lab', 'stop', 'cluster-1');
  assert.is(stopped.code, 0, stopped.stderr);
  const { code, stdout, stderr } = await lab.meshplan('promote', 'cluster-2', '-o', 'json');
  assert.is(code, 0, stderr);
  const plan = JSON.parse(stdout);
  const { since } = plan.promotion;
  assert.is(plan.promotion.way, 'failover');
  assert.match(plan.promotion.because, 'it does not answer (the API server does not answer: ');
  assert.match(plan.promotion.diff, `fenced: { since: "${since}" }`);
  assert.equal(plan.fenced, [{ name: 'cluster-1', since }]);
  assert.is(plan.complete, true);
  assert.equal(
    plan.clusters.map(({ name }: { name: string }) => name),
    ['cluster-2'],
  );
  assert.is(await meshFile(), before);
});

test('interrupted after the write, and from a machine without state and root key, an apply finishes it', async () => {
  await rm(join(lab.folder, 'meshplan.state.json'));
  await rename(join(lab.folder, '.meshplan', 'ca'), join(lab.folder, 'elsewhere'));
  const running = lab.start(['promote', 'cluster-2', '-y']);
  await running.shows('mesh.yaml is written');
  running.kill('SIGINT');
  const interrupted = await running.answer;
  assert.is(interrupted.code, 130, interrupted.stderr);
  const { code, stdout, stderr } = await lab.meshplan('apply', '-y');
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, /✓ cluster-1: no cluster of the mesh is led or read by cluster-1, fenced since/);
  assert.match(stdout, '✓ cluster-2: new pods in cluster-2 get a sidecar');
  const changed = (await meshFile()).split('\n').filter((line) => !before.includes(line));
  // The two roles, the primary of the old primary, its fence.
  assert.is(changed.length, 4, changed.join('\n'));
  const again = await lab.meshplan('plan', '--detailed-exitcode');
  assert.is(again.code, 0, again.stdout);
  assert.match(again.stdout, /^Fenced since .*: cluster-1\./m);
  assert.is((await lab.meshplan('promote', 'cluster-2', '-y')).code, 3);
});

test('the old primary is no drift as long as it is away, and is one when it is back', async () => {
  const away = await lab.meshplan('drift');
  assert.is(away.code, 0, away.stdout + away.stderr);
  const started = await lab.meshplan('lab', 'start', 'cluster-1');
  assert.is(started.code, 0, started.stderr);
  const { code, stdout } = await lab.meshplan('drift', '-o', 'json');
  assert.is(code, 2, stdout);
  const [entry, ...others] = JSON.parse(stdout).drift;
  assert.equal(others, []);
  assert.is(entry.rule, 'fenced-cluster');
  assert.match(entry.message, 'cluster-1, fenced since');
  assert.match(entry.message, /a primary still, with [0-3] of 3 istiod pods ready/);
  assert.match(entry.message, 'the remote secret of cluster-2 with a token that works no more');
});

test.after(() => lab.down());

test.run();
