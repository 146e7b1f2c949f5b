import { chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOfExample } from '../../support/folders.js';
import { type Answer, cleanEnvironment, MESHPLAN, run } from '../../support/run.js';

/** A name that is never given to anybody (RFC 6761): nothing can be reached by mistake. */
const NOBODY = 'https://api.invalid:6443';

function kubeconfig(folder: string, contexts: string[]): string {
  const file = join(folder, 'kubeconfig');
  const named = (key: string, value: object) => contexts.map((name) => ({ name, [key]: value }));
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: named('cluster', { server: NOBODY }),
    users: named('user', { token: 'none' }),
    contexts: contexts.map((name) => ({ name, context: { cluster: name, user: name } })),
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

const CHART = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: istio, namespace: istio-system }\n';

/** An istioctl that answers `version` as told, and anything else with one object. */
function istioctl(folder: string, answer: string): string {
  const file = join(folder, 'istioctl');
  writeFileSync(
    file,
    `#!/bin/sh\nif [ "$1" = version ]\nthen cat <<'END'\n${answer}\nEND\nelse cat <<'END'\n${CHART}END\nfi\n`,
  );
  chmodSync(file, 0o755);
  return file;
}
const versionAnswer = (version: string) => JSON.stringify({ clientVersion: { version } });

const right = (folder: string) => ({
  KUBECONFIG: kubeconfig(folder, ['cluster-1', 'cluster-2']),
  MESHPLAN_ISTIOCTL: istioctl(folder, versionAnswer('1.31.2')),
  MESHPLAN_CACHE_DIR: join(folder, 'cache'),
});

/** Reading and writing commands alike end with 3 and what is expected, and leave no file behind. */
async function refused(folder: string, env: Record<string, string>, expected: RegExp, ...args: string[]) {
  for (const command of [['plan'], ['apply', '-y']]) {
    const answer = await meshplan(folder, env, ...command, ...args);
    assert.is(answer.code, 3, `${command}: ${answer.stderr}`);
    assert.match(answer.stderr, expected, command[0]);
    assert.match(answer.stderr, /^ {2}hint: /m);
    assert.is(answer.stdout, '');
  }
  const made = readdirSync(folder).filter((name) => !['apps', 'mesh.yaml', 'cache'].includes(name));
  assert.equal(
    made.filter((name) => name !== 'kubeconfig' && name !== 'istioctl'),
    [],
  );
}

const meshplan = (cwd: string, env: Record<string, string>, ...args: string[]): Promise<Answer> =>
  run([process.execPath, MESHPLAN, ...args], { cwd, env: cleanEnvironment(env) });

test('a context that the kubeconfig does not have', async () => {
  const folder = copyOfExample('primary-remote');
  const env = { ...right(folder), KUBECONFIG: kubeconfig(folder, ['cluster-1', 'cluster2']) };
  await refused(folder, env, /context-missing cluster cluster-2: .*\n {2}hint: It has: cluster-1, cluster2/);
});

test('several contexts that it does not have are named at once', async () => {
  const folder = copyOfExample('primary-remote');
  const env = { ...right(folder), KUBECONFIG: kubeconfig(folder, ['one']) };
  const both =
    /context-missing cluster cluster-1: .* no context cluster-1; cluster cluster-2: .* cluster-2\n/;
  await refused(folder, env, both);
});

test('a kubeconfig that is missing', async () => {
  const folder = copyOfExample('primary-remote');
  const env = { ...right(folder), KUBECONFIG: join(folder, 'absent') };
  await refused(folder, env, /kubeconfig-missing .*absent/);
  await refused(folder, right(folder), /kubeconfig-missing .*absent/, '--kubeconfig', join(folder, 'absent'));
});

test('a kubeconfig that is none', async () => {
  const folder = copyOfExample('primary-remote');
  const file = join(folder, 'apps', 'kubeconfig');
  writeFileSync(file, 'clusters: [');
  await refused(folder, right(folder), /kubeconfig-invalid .*apps.kubeconfig/, '--kubeconfig', file);
});

test('an istioctl of another version', async () => {
  const folder = copyOfExample('primary-remote');
  const env = { ...right(folder), MESHPLAN_ISTIOCTL: istioctl(folder, versionAnswer('1.30.1')) };
  await refused(folder, env, /istioctl-version mesh\.yaml wants Istio 1\.31, but .*istioctl is 1\.30\.1/);
});

test('an istioctl that answers no version', async () => {
  for (const answer of ['{}', 'Usage: something else']) {
    const folder = copyOfExample('primary-remote');
    const env = { ...right(folder), MESHPLAN_ISTIOCTL: istioctl(folder, answer) };
    await refused(folder, env, /istioctl-broken /);
  }
});

test('an istioctl that is not there', async () => {
  const folder = copyOfExample('primary-remote');
  await refused(
    folder,
    right(folder),
    /istioctl-(broken|missing) .*absent/,
    '--istioctl',
    join(folder, 'absent'),
  );
});

test('clusters that do not answer make a plan incomplete: exit code 4', async () => {
  const folder = copyOfExample('primary-remote');
  const { code, stderr } = await meshplan(folder, right(folder), 'plan');
  assert.is(code, 4, stderr);
  assert.match(stderr, /cluster-unreachable cluster cluster-1 .*api\.invalid/);
});

test.run();
