import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { fromFile, fromPlugin } from '../../../src/kube/credentials.js';
import type { ExecPlugin } from '../../../src/kube/exec-plugin.js';

const test = suite('credentials');

const folder = mkdtempSync(join(tmpdir(), 'meshplan-credentials-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A plugin that counts its runs, and does what the script says. */
function plugin(
  name: string,
  script: string,
  env: Record<string, string> = {},
): ExecPlugin & { runs(): number } {
  const command = join(folder, name);
  writeFileSync(command, `#!/bin/sh\necho run >> ${command}.runs\n${script}\n`);
  chmodSync(command, 0o700);
  return {
    user: 'someone',
    command,
    args: [],
    env,
    apiVersion: 'client.authentication.k8s.io/v1',
    runs: () => readFileSync(`${command}.runs`, 'utf8').trim().split('\n').length,
  };
}

const credential = (status: string) =>
  `echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":${status}}'`;

test('a plugin runs once, however many requests wait for it', async () => {
  const counted = plugin('once', `sleep 0.1\n${credential('{"token":"t1"}')}`);
  const source = fromPlugin(counted);
  const found = await Promise.all([source.get(), source.get(), source.get()]);
  assert.ok(found.every(({ token }) => token === 't1'));
  assert.is(counted.runs(), 1);
});

test('it is run again for credentials that were refused, once for all who hold them', async () => {
  const counted = plugin(
    'again',
    `echo "{\\"status\\":{\\"token\\":\\"t$(wc -l < ${join(folder, 'again')}.runs | tr -d ' ')\\"}}"`,
  );
  const source = fromPlugin(counted);
  const held = await source.get();
  const renewed = await Promise.all([source.renew(held), source.renew(held)]);
  assert.equal(
    renewed.map((item) => item?.token),
    ['t2', 't2'],
  );
  assert.is(counted.runs(), 2);
});

test('the same credentials again are no others', async () => {
  const source = fromPlugin(plugin('same', credential('{"token":"t1"}')));
  assert.is(await source.renew(await source.get()), undefined);
});

test('it gets its variables, and what Kubernetes tells a plugin', async () => {
  const told = plugin(
    'told',
    `echo "$KUBERNETES_EXEC_INFO" > ${folder}/info\n${credential('{"token":"t"}')}`,
  );
  await fromPlugin({ ...told, cluster: { server: 'https://one' } }).get();
  assert.equal(JSON.parse(readFileSync(join(folder, 'info'), 'utf8')), {
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: process.stdin.isTTY === true, cluster: { server: 'https://one' } },
  });
});

const SECRET = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.payload.signature';
const failures: [string, string, RegExp][] = [
  [
    'its words, without what may be a token',
    `echo "expired: ${SECRET}" >&2; exit 3`,
    /ended with 3: expired: …$/,
  ],
  ['that it printed none', 'echo {}', /printed no credentials$/],
  ['nothing of what it printed', `echo 'token ${SECRET}'`, /printed no credentials$/],
];
for (const [title, script, message] of failures) {
  test(`a plugin that gives no credentials: ${title}`, async () => {
    const error = await fromPlugin(plugin('fails', script))
      .get()
      .catch((reason) => reason);
    assert.is(error.code, 'credentials-failed');
    assert.match(error.message, message);
    assert.not.match(error.message, SECRET);
  });
}

test('a plugin that is not there says how it is installed', async () => {
  const missing = { ...plugin('x', ''), command: join(folder, 'absent'), installHint: 'brew install it' };
  const error = await fromPlugin(missing)
    .get()
    .catch((reason) => reason);
  assert.match(error.message, 'absent of user someone is not there');
  assert.is(error.hint, 'brew install it');
});

test('a token file is read again when its token is refused', async () => {
  const file = join(folder, 'token');
  writeFileSync(file, 'first\n');
  const source = fromFile(file);
  const held = await source.get();
  assert.is(held.token, 'first');
  writeFileSync(file, 'second\n');
  assert.is((await source.renew(held))?.token, 'second');
});

test.run();
