import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { ResolvedCluster } from '../../../src/model/resolved-mesh.js';
import type { TrafficCell } from '../../../src/model/traffic.js';
import type { Check } from '../../../src/model/verify.js';
import { endStep, testEach } from '../../../src/traffic/claims.js';
import type { TestContext } from '../../../src/traffic/context.js';
import { unansweredIn } from '../../../src/traffic/matrix.js';

const test = suite('claims about a calling cluster');

const cell = (from: string, to: string, fields: Partial<TrafficCell> = {}): TrafficCell => ({
  from,
  to,
  status: 'pass',
  requests: 10,
  answered: 10,
  servers: { [to]: 10 },
  ...fields,
});

test('callers with a cell that was not answered in full are known, those that only lack mTLS are not', () => {
  const cells = [
    cell('a', 'a'),
    cell('a', 'b', { status: 'fail', answered: 9 }),
    cell('b', 'a', { status: 'fail' }),
    cell('c', 'a', { status: 'skip', requests: 0, answered: 0 }),
    cell('d', 'a', { status: 'fail', requests: 0, answered: 0 }),
  ];
  assert.equal([...unansweredIn(cells)], ['a', 'd']);
});

test('what such a caller would ask hundreds of times is not asked', async () => {
  const pods = new Map([
    ['a', []],
    ['b', []],
  ]);
  const context = { pods, unreachable: new Map(), unanswered: new Set(['a']) } as Partial<TestContext>;
  const outcome = (name: string) =>
    testEach(context as TestContext, {
      id: 'traffic-split',
      from: { name } as ResolvedCluster,
      claim: 'a split',
      test: async () => ({ status: 'pass', evidence: 'asked' }),
    });
  const { status, evidence } = await outcome('a');
  assert.equal([status, evidence], ['skip', 'requests from a fail: see its row in the matrix']);
  assert.is((await outcome('b')).evidence, 'asked');
});

test('a step ends as its claims came out', () => {
  const endOf = (...statuses: Check['status'][]) => {
    const told: string[] = [];
    const tell = (how: string) => (message: string) => told.push(`${how}: ${message}`);
    const step = { done: tell('done'), failed: tell('failed'), skipped: tell('skipped') };
    endStep(
      step,
      statuses.map((status) => ({ id: 'x', claim: 'x', status, evidence: 'why' })),
    );
    return told;
  };
  assert.equal(endOf('pass', 'skip'), ['done: 1 of 1 as they should']);
  assert.equal(endOf('pass', 'fail', 'skip'), ['failed: 1 of 2 failed']);
  assert.equal(endOf('skip', 'skip'), ['skipped: why']);
});

test.run();
