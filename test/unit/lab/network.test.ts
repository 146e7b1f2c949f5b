import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { addressesOf, MAX_NETWORK_CLUSTERS } from '../../../src/lab/network/addresses.js';
import { clusterCommands, hubCommands } from '../../../src/lab/network/commands.js';
import { namesOf, within } from '../../../src/lab/network/names.js';

const test = suite('the network of a level-2 lab');
const names = namesOf('/home/user/mesh/.meshplan/lab');

test('names come from the folder alone, and tell labs apart', () => {
  assert.is(namesOf('/home/user/mesh/.meshplan/lab').hash, names.hash);
  assert.is.not(namesOf('/home/user/mesh/.meshplan/other').hash, names.hash);
  assert.match(names.hash, /^[0-9a-f]{8}$/);
  assert.is(names.hub, `mp-${names.hash}-hub`);
  assert.is(names.cluster(2), `mp-${names.hash}-c2`);
  assert.is(names.runDir(2), `/run/mp-${names.hash}-c2`);
  assert.equal(within(names.hub), ['nsenter', `--net=/run/netns/${names.hub}`, '--']);
});

test('addresses of the first cluster and of the last', () => {
  assert.equal(addressesOf(1), {
    node: '172.30.0.1',
    podCidr: '10.101.0.0/16',
    serviceCidr: '10.151.0.0/16',
    dns: '10.151.0.10',
    loadBalancers: '172.30.1.0/24',
  });
  assert.is(addressesOf(MAX_NETWORK_CLUSTERS).podCidr, '10.149.0.0/16');
  assert.is(addressesOf(MAX_NETWORK_CLUSTERS).serviceCidr, '10.199.0.0/16');
});

test('no two clusters share a range', () => {
  const all = Array.from({ length: MAX_NETWORK_CLUSTERS }, (_, index) => addressesOf(index + 1));
  const ranges = all.flatMap(({ podCidr, serviceCidr, loadBalancers }) => [
    podCidr,
    serviceCidr,
    loadBalancers,
  ]);
  assert.is(new Set(ranges).size, MAX_NETWORK_CLUSTERS * 3);
});

test('both ends of a cable come into being inside namespaces, with names that Linux takes', () => {
  const links = hubCommands(names, MAX_NETWORK_CLUSTERS).filter((line) => line.startsWith('link add'));
  assert.is(links.length, MAX_NETWORK_CLUSTERS + 1);
  for (const line of links.slice(1)) assert.match(line, / peer name eth0 netns mp-[0-9a-f]{8}-c\d+$/);
  for (const line of links) assert.ok((line.split(' ')[2] ?? '').length <= 15, line);
});

test('a node has routes to every other cluster, and one way out that leads to the hub', () => {
  const lines = clusterCommands(2, 3);
  const routes = lines.filter((line) => line.startsWith('route add'));
  assert.equal(routes, [
    'route add default via 172.30.0.254',
    'route add unreachable 10.102.0.0/16',
    'route add 10.101.0.0/16 via 172.30.0.1',
    'route add 172.30.1.0/24 via 172.30.0.1',
    'route add 10.103.0.0/16 via 172.30.0.3',
    'route add 172.30.3.0/24 via 172.30.0.3',
  ]);
});

test('the hub itself has no way out', () => {
  assert.not.ok(hubCommands(names, 3).some((line) => line.includes('default')));
});

test.run();
