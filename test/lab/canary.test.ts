import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../support/folders.js';
import { type Lab, labUp } from '../support/lab.js';
import { observeWhile, type Seen } from '../support/observer.js';
import { type Canary, keyCanary, tokenCanary, tracesIn } from '../support/traces.js';

const cache = temporaryFolder();
/** A cache of its own, so that istioctl renders anew and all that is kept can be looked through. */
const OWN_CACHE = { MESHPLAN_CACHE_DIR: cache };
/** What each command printed, by its name. */
const printed = new Map<string, string>();
let lab: Lab;
let seen: Seen;
let canaries: Canary[];

async function meshplan(...args: string[]): Promise<void> {
  const { stdout, stderr } = await lab.start(args, OWN_CACHE).answer;
  printed.set(args.join(' '), stdout + stderr);
}

async function secretOf(cluster: string, name: string, key: string): Promise<string> {
  const path = `jsonpath={.data.${key.replace('.', '\\.')}}`;
  const data = await lab.kubectl(cluster, '-n', 'istio-system', 'get', 'secret', name, '-o', path);
  return Buffer.from(data, 'base64').toString('utf8');
}

test('an apply is watched from its start to its end', async () => {
  lab = await labUp({ example: 'primary-remote' });
  await meshplan('plan', '--verbose');
  const state = join(lab.folder, 'meshplan.state.json');
  const apply = lab.start(['apply', '-y', '--verbose', '-o', 'json'], OWN_CACHE);
  seen = await observeWhile(apply.answer, [state, `${state}.journal`, `${state}.lock`]);
  const { code, stdout, stderr } = await apply.answer;
  assert.is(code, 0, stderr);
  printed.set('apply', stdout + stderr);
  const wasSeen = (text: string) => [...seen.commands].some((command) => command.includes(text));
  if (process.platform === 'linux') {
    for (const text of ['apply\0-y', 'istioctl\0manifest\0generate']) assert.ok(wasSeen(text), text);
  }
  assert.ok((seen.files.get(`${state}.journal`)?.size ?? 0) > 0, 'the journal was seen');
});

test('the generated keys and tokens are collected', async () => {
  const root = readFileSync(join(lab.folder, '.meshplan', 'ca', 'mesh1', 'root-key.pem'), 'utf8');
  const token = 'istio-reader-service-account-istio-remote-secret-token';
  canaries = [
    keyCanary('root key', root),
    keyCanary('key of cluster-1', await secretOf('cluster-1', 'cacerts', 'ca-key.pem')),
    keyCanary('key of cluster-2', await secretOf('cluster-2', 'cacerts', 'ca-key.pem')),
    tokenCanary('reader token', await secretOf('cluster-2', token, 'token')),
  ];
  // The search finds what is to be found: in the key itself, and in what encodes the token twice.
  assert.equal(tracesIn(root, canaries), ['root key']);
  const remoteSecret = await secretOf('cluster-1', 'istio-remote-secret-cluster-2', 'cluster-2');
  assert.equal(tracesIn(Buffer.from(`x${remoteSecret}`).toString('base64'), canaries), ['reader token']);
});

test('every other command runs, with Secrets that differ as well', async () => {
  for (const args of [
    ['verify', '-o', 'json'],
    ['drift', '-o', 'json'],
    ['apply', '-y', '--verbose'],
  ])
    await meshplan(...args);
  const data = JSON.stringify({
    data: { 'ca-key.pem': 'Y2hhbmdlZA==' },
    stringData: { 'cluster-2': 'changed' },
  });
  await lab.kubectl('cluster-2', '-n', 'istio-system', 'patch', 'secret', 'cacerts', '-p', data);
  const remote = [
    'secret',
    'istio-remote-secret-cluster-2',
    '-p',
    JSON.stringify({ data: { 'cluster-2': 'Y2g=' } }),
  ];
  await lab.kubectl('cluster-1', '-n', 'istio-system', 'patch', ...remote);
  for (const args of [
    ['plan', '--verbose'],
    ['plan', '--verbose', '-o', 'json'],
    ['drift', '--verbose'],
    ['verify', '--verbose'],
    ['plan', '--destroy', '--verbose', '-o', 'json'],
    ['destroy', '-y', '--verbose'],
  ])
    await meshplan(...args);
  for (const [name, text] of printed) assert.ok(text.length > 0, name);
});

test('nothing that was printed gives one of them away', () => {
  for (const [name, text] of printed) assert.equal(tracesIn(text, canaries), [], name);
});

test('no process had one in its arguments or environment', () => {
  const shown = [...seen.commands, ...seen.environments].filter(
    (text) => tracesIn(text, canaries).length > 0,
  );
  assert.equal(shown, []);
});

test('neither state nor journal held one at any time', () => {
  for (const [file, texts] of seen.files) {
    for (const text of texts) assert.equal(tracesIn(text, canaries), [], file);
  }
});

test('no file has one but the root key, which only its owner can read', () => {
  const ca = join(lab.folder, '.meshplan', 'ca');
  for (const folder of [lab.folder, cache]) {
    for (const file of filesIn(folder)) {
      // The clusters themselves keep theirs in the lab's own private folder.
      if (file.startsWith(lab.dir) || file.startsWith(ca)) continue;
      assert.equal(tracesIn(readFileSync(file, 'utf8'), canaries), [], relative(folder, file));
    }
  }
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
  assert.is(modeOf(join(ca, 'mesh1')), '700');
  assert.is(modeOf(join(ca, 'mesh1', 'root-key.pem')), '600');
  assert.ok(filesIn(cache).length > 0, 'the cache was used');
});

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

test('the lab goes without a trace', () => lab.down());

test.run();
