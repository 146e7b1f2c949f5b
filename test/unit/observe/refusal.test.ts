import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ApiError } from '../../../src/errors/index.js';
import { faultOf, isAdmissionAnswer } from '../../../src/observe/refusal.js';

const test = suite('what the refusals of an API server say of an object');

const answer = (status: number, message: string) =>
  new ApiError({ cluster: 'one', status, reason: 'x', message });

const UNTYPED = 'failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): ';

const cases: [title: string, error: ApiError, fault: string | undefined][] = [
  [
    'an unknown field, which an apply answers with 500',
    answer(500, `${UNTYPED}.spec.replicsa: field not declared in schema`),
    'spec.replicsa: field not declared in schema',
  ],
  [
    'several of them',
    answer(500, `${UNTYPED}errors:\n  .spec.a: field not declared in schema\n  .spec.b: expected map`),
    'spec.a: field not declared in schema; spec.b: expected map',
  ],
  [
    'a Secret that is no base64',
    answer(
      500,
      'failed to convert new object (shop/pin; /v1, Kind=Secret) to proper version: illegal base64',
    ),
    'illegal base64',
  ],
  ['an invalid value', answer(422, 'Deployment.apps "web" is invalid'), 'Deployment.apps "web" is invalid'],
  ['a body that cannot be read', answer(400, 'cannot be handled'), 'cannot be handled'],
  ['a missing right', answer(403, 'forbidden'), undefined],
  ['a defect of the server', answer(500, 'etcdserver: no leader'), undefined],
];
for (const [title, error, fault] of cases) test(title, () => assert.is(faultOf(error), fault));

test('fields that the server names are told without the frame around them', () => {
  const causes = [
    { field: 'spec.a', message: 'Invalid value: -2' },
    { field: 'spec.b', message: 'Required value' },
  ];
  const error = new ApiError({
    cluster: 'one',
    status: 422,
    reason: 'Invalid',
    message: 'x is invalid',
    causes,
  });
  assert.is(faultOf(error), 'spec.a: Invalid value: -2; spec.b: Required value');
});

test('what webhooks and policies say is told apart', () => {
  assert.ok(isAdmissionAnswer(answer(400, 'admission webhook "x" denied the request: no')));
  assert.ok(isAdmissionAnswer(answer(422, "ValidatingAdmissionPolicy 'x' with binding 'y' denied request")));
  assert.not.ok(isAdmissionAnswer(answer(422, 'Deployment.apps "web" is invalid')));
});

test.run();
