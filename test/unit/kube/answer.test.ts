import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnswer } from '../../../src/kube/answer.js';

const test = suite('what is told of a refusal');

const FRAME = 'failed to create typed patch object (shop/pin; /v1, Kind=Secret): ';

const messages: [title: string, words: string, told: string][] = [
  [
    'a value of the wrong type',
    `${FRAME}.stringData.pin: expected string, got &value.valueUnstructured{Value:9876543210}`,
    `${FRAME}.stringData.pin: expected string, got another type`,
  ],
  [
    'several, one over lines and with braces',
    `${FRAME}errors:\n  .data: expected map, got &value.valueUnstructured{Value:"hunter2}\n}x"}\n  .stringData.a: expected string, got &value.valueUnstructured{Value:1}`,
    `${FRAME}errors:\n  .data: expected map, got another type\n  .stringData.a: expected string, got another type`,
  ],
  ['anything else', 'secrets "pin" is forbidden', 'secrets "pin" is forbidden'],
];
for (const [title, message, told] of messages) {
  test(`${title}: no value is shown`, () => {
    const body = { kind: 'Status', message };
    const answer = { status: 500, headers: {}, text: JSON.stringify(body), body };
    assert.throws(
      () => readAnswer('one', answer),
      (error: Error) => error.message === `one: ${told}`,
    );
  });
}

test.run();
