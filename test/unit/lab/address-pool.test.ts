import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AddressPool, type Assignment } from '../../../src/lab/agent/address-pool.js';
import type { Service } from '../../../src/lab/agent/routes.js';

const test = suite('addresses of load balancers');
const RANGE = '172.30.1.0/24';

const service = (name: string, spec: Partial<Service['spec']> = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default', uid: `uid-${name}` },
  spec: { type: 'LoadBalancer', ...spec },
});
const showing = (of: Service, ip: string): Service => ({
  ...of,
  status: { loadBalancer: { ingress: [{ ip }] } },
});
const brief = (assignments: Assignment[]) =>
  assignments.map((item) => `${item.service.metadata.name} ${'ip' in item ? item.ip : item.refusal}`);

test('each Service of type LoadBalancer gets one of its own, and others none', () => {
  const pool = new AddressPool(RANGE);
  const services = [
    service('a'),
    service('plain', { type: 'ClusterIP' }),
    service('classed', { loadBalancerClass: 'example.com/other' }),
    service('b'),
  ];
  assert.equal(brief(pool.assign(services)), ['a 172.30.1.1', 'b 172.30.1.2']);
  assert.equal(brief(pool.assign(services)), ['a 172.30.1.1', 'b 172.30.1.2'], 'the same until it shows');
});

test('one that shows its address is left alone', () => {
  const pool = new AddressPool(RANGE);
  pool.assign([service('a')]);
  assert.equal(pool.assign([showing(service('a'), '172.30.1.1')]), []);
});

test('one that lost its address, or was made anew, gets another', () => {
  const pool = new AddressPool(RANGE);
  pool.assign([service('a')]);
  pool.assign([showing(service('a'), '172.30.1.1')]);
  assert.equal(brief(pool.assign([service('a')])), ['a 172.30.1.2']);
  pool.assign([showing(service('a'), '172.30.1.2')]);
  const anew = { ...service('a'), metadata: { ...service('a').metadata, uid: 'uid-2' } };
  assert.equal(brief(pool.assign([anew])), ['a 172.30.1.3']);
});

test('addresses go round, past those in use, and end', () => {
  const pool = new AddressPool(RANGE);
  const first = showing(service('first'), '172.30.1.1');
  pool.assign([first]);
  let ip = '';
  for (let round = 2; round <= 255; round += 1) {
    [ip = ''] = brief(pool.assign([first, service(`s${round}`)]));
    pool.assign([first, showing(service(`s${round}`), ip.split(' ')[1] ?? '')]);
  }
  assert.is(ip, 's255 172.30.1.2', 'after 254 comes 1, which is in use');
  const all = Array.from({ length: 254 }, (_, index) =>
    showing(service(`x${index}`), `172.30.1.${index + 1}`),
  );
  assert.equal(brief(new AddressPool(RANGE).assign([...all, service('late')])), [
    `late no address of ${RANGE} is free`,
  ]);
});

test('after a restart those in use stay, and it goes on behind them', () => {
  const pool = new AddressPool(RANGE);
  const services = [showing(service('a'), '172.30.1.7'), showing(service('b'), '172.30.1.3'), service('c')];
  assert.equal(brief(pool.assign(services)), ['c 172.30.1.8']);
});

test('loadBalancerIP is respected inside the range, also afterwards; else it says why not', () => {
  const pool = new AddressPool(RANGE);
  const asking = (name: string, loadBalancerIP: string) => service(name, { loadBalancerIP });
  assert.equal(brief(pool.assign([asking('a', '172.30.1.77')])), ['a 172.30.1.77']);
  const a = showing(asking('a', '172.30.1.77'), '172.30.1.77');
  assert.equal(pool.assign([a]), []);
  assert.equal(brief(pool.assign([a, asking('b', '172.30.1.77')])), [
    "b loadBalancerIP 172.30.1.77 is another Service's",
  ]);
  for (const ip of ['172.30.2.1', '172.30.1.0', '172.30.1.255', '::1', 'localhost'])
    assert.match(brief(pool.assign([a, asking('b', ip)]))[0] ?? '', 'is not in 172.30.1.0/24');
  const moved = { ...a, spec: { ...a.spec, loadBalancerIP: '172.30.1.78' } };
  assert.equal(brief(pool.assign([moved])), ['a 172.30.1.78']);
  assert.equal(brief(pool.assign([moved])), ['a 172.30.1.78'], 'until it shows');
});

test('one that is being deleted gets none', () => {
  const going = service('a');
  going.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
  assert.equal(new AddressPool(RANGE).assign([going]), []);
});

test.run();
