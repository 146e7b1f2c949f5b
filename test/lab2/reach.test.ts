import { spawn } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { namesOf } from '../../src/lab/network/names.js';
import { type Lab2, lab2Up } from '../support/lab2.js';
import { containersOf, NOTHING, nodeRemainsOf } from '../support/node-remains.js';
import { cleanEnvironment, MESHPLAN, run, start } from '../support/run.js';
import { until } from '../support/until.js';

/** What reaches the clusters of a level-2 lab, and how its load balancers are reached. */
let lab: Lab2;

test('the lab comes up', async () => {
  lab = await lab2Up();
});

test('exec keeps folder, arguments, input and exit code, and shows the lab', async () => {
  const script = 'pwd; echo "$1"; cat; echo "$KUBECONFIG"; command -v kubectl; exit 7';
  const running = start([process.execPath, MESHPLAN, 'lab', 'exec', '--', 'sh', '-c', script, 'sh', 'a  b'], {
    cwd: lab.folder,
    input: true,
  });
  running.write('from stdin\n');
  running.end();
  const { code, stdout } = await running.answer;
  assert.is(code, 7);
  const dir = realpathSync(lab.dir);
  assert.equal(stdout.split('\n'), [
    realpathSync(lab.folder),
    'a  b',
    'from stdin',
    join(dir, 'kubeconfig'),
    join(dir, 'bin', 'kubectl'),
    '',
  ]);
  const missing = await lab.exec(['no-such-program']);
  assert.is(missing.code, 3);
  assert.match(missing.stderr, 'command-not-found no-such-program: no such program');
});

test('a signal ends the command, and its number is the exit code', async () => {
  const running = start(
    [process.execPath, MESHPLAN, 'lab', 'exec', '--', 'sh', '-c', 'echo on; exec sleep 60'],
    {
      cwd: lab.folder,
    },
  );
  await running.shows('on');
  running.kill('SIGTERM');
  assert.is((await running.answer).code, 128 + 15);
});

test('on a terminal the command is on that terminal, and jobs can be stopped and gone on with', async () => {
  const inner = `${process.execPath} ${MESHPLAN} lab exec -- bash --norc -ic '
    test -t 0 && test -t 1 && echo terminal; sleep 0.3 & jobs; fg; exit 5'`;
  // util-linux's script gives what it runs a terminal, and its exit code.
  const { code, stdout } = await run(['script', '-qec', inner, '/dev/null'], { cwd: lab.folder });
  assert.is(code, 5, stdout);
  assert.match(stdout, 'terminal');
  assert.match(stdout, /\[1\]\+? +Running +sleep 0\.3/);
  assert.not.match(stdout, 'no job control');
});

test('shell runs the shell of the user in the lab', async () => {
  const env = cleanEnvironment({ SHELL: '/bin/sh' });
  const running = start([process.execPath, MESHPLAN, 'lab', 'shell'], { cwd: lab.folder, env, input: true });
  running.write('kubectl --context cluster-2 get --raw /readyz; exit 4\n');
  running.end();
  const { code, stdout, stderr } = await running.answer;
  assert.is(code, 4);
  assert.is(stdout.trim(), 'ok');
  assert.match(stderr, '`exit` leaves it');
});

test('nothing outside is reachable from the lab, and a name is refused at once', async () => {
  const began = performance.now();
  const { stdout } = await lab.exec([
    'sh',
    '-c',
    'getent hosts example.com; echo $?; curl -sm 9 192.0.2.1; echo $?',
  ]);
  assert.equal(stdout.trim().split('\n'), ['2', '7']);
  assert.ok(performance.now() - began < 5_000);
});

test('the overlay is in force, before those of the user, and plan says so', async () => {
  const own = await lab.write('own.yaml', 'spec: { istio: { hub: example.com/mine } }\n');
  const env = cleanEnvironment({ MESHPLAN_OVERLAY: own });
  const { stdout } = await lab.exec(['sh', '-c', 'echo "$MESHPLAN_OVERLAY"'], { env });
  assert.is(stdout.trim(), `${realpathSync(lab.dir)}/overlay.yaml:${own}`);
  const plan = await lab.meshplan('plan');
  assert.is(plan.code, 0, plan.stderr);
  assert.match(plan.stdout, /Overlays in force: .*overlay\.yaml/);
});

interface ServiceList {
  items: { metadata: { name: string }; status: { loadBalancer: { ingress?: { ip: string }[] } } }[];
}

async function addresses(cluster: string): Promise<Record<string, string | undefined>> {
  const { items } = JSON.parse(await lab.kubectl(cluster, 'get', 'services', '-o', 'json')) as ServiceList;
  return Object.fromEntries(
    items.map((item) => [item.metadata.name, item.status.loadBalancer.ingress?.[0]?.ip]),
  );
}

const addressOf = (cluster: string, name: string, holds: (ip: string | undefined) => boolean) =>
  until(`an address of ${name}`, async () => (await addresses(cluster))[name], holds);

test('load balancers get addresses of their cluster that answer from everywhere in the lab', async () => {
  for (const cluster of ['cluster-1', 'cluster-2']) {
    await lab.kubectl(cluster, 'create', 'deployment', 'web', '--image=frontend:v1');
    await lab.kubectl(
      cluster,
      'expose',
      'deployment',
      'web',
      '--type=LoadBalancer',
      '--port=80',
      '--target-port=8080',
    );
  }
  for (const cluster of ['cluster-1', 'cluster-2'])
    await lab.kubectl(cluster, 'rollout', 'status', 'deployment/web', '--timeout=90s');
  assert.is(await addressOf('cluster-1', 'web', Boolean), '172.30.1.1');
  assert.is(await addressOf('cluster-2', 'web', Boolean), '172.30.2.1');
  const ask = ['curl', '-sSm', '5', 'http://172.30.2.1/hostname'];
  const fromHub = async () => (await lab.exec(ask)).stdout;
  await until('an answer in the hub', fromHub, (text) => text.startsWith('web-'));
  assert.match(await lab.kubectl('cluster-1', 'exec', 'deployment/web', '--', ...ask), 'web-');
  const unknown = await lab.exec(['curl', '-sm', '9', 'http://172.30.2.99/']);
  assert.is(unknown.code, 7, 'an address that no Service has is refused at once');
});

test('a Service that loses its address gets another, which the next agent leaves alone', async () => {
  const clear = '{"status":{"loadBalancer":{"ingress":null}}}';
  await lab.kubectl(
    'cluster-1',
    'patch',
    'service',
    'web',
    '--subresource=status',
    '--type=merge',
    '-p',
    clear,
  );
  assert.is(await addressOf('cluster-1', 'web', Boolean), '172.30.1.2');
  const record = JSON.parse(readFileSync(join(lab.dir, 'processes', 'lab+agent.json'), 'utf8')) as {
    pid: number;
  };
  process.kill(record.pid, 'SIGKILL');
  const up = await lab.lab('up', '--level', '2');
  assert.is(up.code, 0, up.stderr);
  await lab.kubectl('cluster-1', 'create', 'service', 'loadbalancer', 'next', '--tcp=80');
  assert.is(await addressOf('cluster-1', 'next', Boolean), '172.30.1.3');
  assert.is((await addresses('cluster-1')).web, '172.30.1.2');
});

test('a wanted address is given, and where it cannot be an event says why', async () => {
  const want = (ip: string) =>
    lab.kubectl('cluster-1', 'patch', 'service', 'next', '-p', `{"spec":{"loadBalancerIP":"${ip}"}}`);
  await want('172.30.1.77');
  await addressOf('cluster-1', 'next', (ip) => ip === '172.30.1.77');
  await want('10.0.0.1');
  await until(
    'an event',
    () => lab.kubectl('cluster-1', 'describe', 'service', 'next'),
    (text) => text.includes('loadBalancerIP 10.0.0.1 is not in 172.30.1.0/24'),
  );
});

test('down works from within, with its folder gone, and leaves a command of the user alone', async () => {
  const hub = ['nsenter', `--net=/run/netns/${namesOf(realpathSync(lab.dir)).hub}`, '--'];
  const [program = '', ...args] = [...hub, 'sleep', '300'];
  const command = spawn(program, args, { stdio: 'ignore' });
  try {
    const dir = realpathSync(lab.dir);
    const containers = containersOf(dir);
    assert.ok(containers.length >= 8);
    // Programs go on writing there meanwhile.
    await run(['sh', '-c', 'until rm -rf "$1"; do :; done', 'sh', dir]);
    const down = await run([...hub, process.execPath, MESHPLAN, 'lab', 'down'], { cwd: lab.folder });
    assert.is(down.code, 0, down.stderr);
    assert.match(down.stderr, `sleep (${command.pid})`);
    assert.match(down.stderr, /The lab is gone \(\d+ processes ended, 3 network namespaces removed\)/);
    assert.equal(nodeRemainsOf(dir, containers), NOTHING);
    assert.is(command.exitCode, null);
  } finally {
    command.kill();
  }
  await lab.down();
});

test.run();
