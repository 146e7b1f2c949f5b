import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError, MeshplanError } from '../../../src/errors/index.js';
import { refusedOf } from '../../../src/traffic/routes.js';

const test = suite('rules that a primary does not take');

const answer = (status: number, message: string) =>
  new ApiError({ cluster: 'one', status, reason: 'any', message });

test('a cluster without Istio is told so, not that a right is missing', () => {
  const { status, evidence, hint } = refusedOf('one', answer(404, 'HTTP 404'));
  assert.is(status, 'fail');
  assert.is(evidence, "one does not know Istio's VirtualService and DestinationRule");
  assert.match(hint ?? '', /meshplan apply/);
  assert.not.match(hint ?? '', /right/);
});

test('a missing right, and a webhook that does not answer, name the cluster once', () => {
  for (const problem of [answer(403, 'virtualservices is forbidden'), new MeshplanError('x', 'one: no')]) {
    const { evidence, hint } = refusedOf('one', problem);
    assert.is(evidence.split('one').length, 2, evidence);
    assert.match(hint ?? '', /right to create virtualservices/);
  }
});

test.run();
