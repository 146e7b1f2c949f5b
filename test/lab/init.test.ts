import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lab, labUp } from '../support/lab.js';
import { MESHPLAN, start } from '../support/run.js';

let lab: Lab;
const read = (name: string) => readFile(join(lab.folder, name), 'utf8');

/** What the lab's kubeconfig is without the mark that permits loopback servers, under other names. */
async function strangeKubeconfig(): Promise<string> {
  const kubeconfig = JSON.parse(await read('.meshplan/lab/kubeconfig')) as {
    clusters: { cluster: { extensions?: unknown } }[];
    contexts: { name: string }[];
  };
  for (const { cluster } of kubeconfig.clusters) delete cluster.extensions;
  const [one, two] = kubeconfig.contexts;
  const again = { ...one, name: 'admin@again' };
  kubeconfig.contexts = [
    { ...one, name: 'arn:aws:eks:us-east-1:1:cluster/east' },
    { ...two, name: 'admin@west' },
    again,
  ] as { name: string }[];
  return lab.write('strange.json', JSON.stringify(kubeconfig));
}

test('off a terminal all contexts are taken, with regions of their nodes', async () => {
  lab = await labUp({ example: 'primary-remote' });
  const { code, stdout, stderr } = await lab.meshplan('init', '-f', 'new.yaml');
  assert.is(code, 0, stderr);
  assert.is(stdout, 'new.yaml is written: mesh mesh1 of cluster-1 (primary), cluster-2 (remote).\n');
  const text = await read('new.yaml');
  assert.match(text, /^# yaml-language-server: \$schema=/);
  for (const region of ['us-east-1', 'us-west-2']) assert.match(text, `locality: { region: ${region} }`);
  const plan = await lab.meshplan('plan', '-f', 'new.yaml', '--detailed-exitcode');
  assert.is(plan.code, 2, plan.stderr);
});

test('a file that is there stays, unless it is forced', async () => {
  const before = await read('mesh.yaml');
  const refused = await lab.meshplan('init');
  assert.is(refused.code, 3);
  assert.match(refused.stderr, 'file-exists');
  assert.is(await read('mesh.yaml'), before);
  const forced = await lab.meshplan(
    'init',
    '-f',
    'new.yaml',
    '--force',
    '--context',
    'cluster-2:primary',
    '--name',
    'x',
  );
  assert.is(forced.code, 0, forced.stderr);
  assert.match(await read('new.yaml'), /name: x .*\n[\s\S]*name: cluster-2\n {6}role: primary/);
});

test('long contexts get short names; one cluster is taken once; a loopback server gets a note', async () => {
  const file = await strangeKubeconfig();
  const answer = await lab.meshplan('init', '--kubeconfig', file, '-f', 'strange.yaml', '-o', 'json');
  assert.is(answer.code, 0, answer.stderr);
  const { clusters } = JSON.parse(answer.stdout) as { clusters: { name: string; role: string }[] };
  assert.equal(
    clusters.map(({ name, role }) => [name, role]),
    [
      ['east', 'primary'],
      ['west', 'remote'],
    ],
  );
  assert.match(answer.stderr, 'admin@again is left out: it leads to the same cluster as arn:aws:eks');
  assert.match(await read('strange.yaml'), /address of this machine alone: istiod in east cannot reach it/);
  const valid = await lab.meshplan('validate', '-f', 'strange.yaml');
  assert.is(valid.code, 0, valid.stderr);
});

test('an Istio that is there gives its version and mesh ID', async () => {
  await lab.write('shop.yaml', (await read('mesh.yaml')).replace('name: mesh1 ', 'name: shop '));
  const apply = await lab.meshplan('apply', '-y', '-f', 'shop.yaml');
  assert.is(apply.code, 0, apply.stderr);
  const { code, stdout, stderr } = await lab.meshplan('init', '-f', '-');
  assert.is(code, 0, stderr);
  assert.match(stdout, /name: shop {2}# the mesh ID/);
  assert.match(stdout, /# Istio .+ is installed there \(revision default, mesh ID shop\)/);
  assert.match(stdout, /as the label topology\.istio\.io\/network of istio-system says/);
});

test('a cluster that does not answer is written all the same', async () => {
  const stop = await lab.meshplan('lab', 'stop', 'cluster-2');
  assert.is(stop.code, 0, stop.stderr);
  const { code, stdout, stderr } = await lab.meshplan('init', '-f', 'half.yaml');
  assert.is(code, 0, stderr);
  assert.match(stdout, 'cluster-2 (remote)');
  assert.match(await read('half.yaml'), /name: cluster-2\n {6}# It could not be read/);
});

test('on a terminal it asks, and the answers count', async () => {
  // `script` of util-linux gives a command a terminal.
  const command = `'${process.execPath}' '${MESHPLAN}' init -f asked.yaml`;
  const asked = start(['script', '-qefc', command, '/dev/null'], {
    cwd: lab.folder,
    env: { ...lab.env, CI: '', TERM: 'xterm' },
    input: true,
  });
  await asked.shows('Which contexts');
  asked.write('\r');
  await asked.shows('Which one is the primary');
  asked.write('\u001b[B\r');
  await asked.shows('What is the mesh ID');
  asked.write('\u0015web\r');
  const { code } = await asked.answer;
  assert.is(code, 0, asked.seen());
  assert.match(await read('asked.yaml'), /name: web .*\n[\s\S]*name: cluster-2\n[\s\S]*role: primary/);
});

test('the lab goes without a trace', () => lab.down());

test.run();
