import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findingsOf } from '../../../src/plan/findings.js';

const at = (line: number) => ({ file: 'mesh.yaml', line, column: 1 });

const desired = {
  cluster: 'hub',
  object: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'cart', namespace: 'shop' } },
  source: at(1),
  fieldAt: (field: string) => (field === 'spec.containers[0].image' ? at(7) : undefined),
};

const lineOf = (message: string) =>
  findingsOf(desired, { type: 'invalid', message, declared: true })[0]?.line;

test('what an API server refuses is shown at the field that it names first, else at the object', () => {
  assert.is(lineOf('spec.containers[0].image: field not declared in schema'), 7);
  assert.is(lineOf('Deployment.apps "cart" is invalid: spec.containers[0].image: Required value'), 7);
  assert.is(lineOf('spec.replica: field not declared in schema'), 1);
  assert.is(lineOf('admission webhook "policy" denied the request: no'), 1);
});

test.run();
