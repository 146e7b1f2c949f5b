import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { curlCommand, parseCurl } from '../../../src/traffic/curl.js';

const test = suite('what curl says');

test('answers, with bodies that hold line breaks or nothing', () => {
  const text =
    'c2-v1\n@meshplan 200 0 0.001234 \n' + 'a\n\nb\n\n@meshplan 503 0 0.5 \n' + '\n@meshplan 404 0 0.25 \n';
  assert.equal(parseCurl(text), [
    { status: 200, exitCode: 0, seconds: 0.001234, error: '', body: 'c2-v1' },
    { status: 503, exitCode: 0, seconds: 0.5, error: '', body: 'a\n\nb' },
    { status: 404, exitCode: 0, seconds: 0.25, error: '', body: '' },
  ]);
});

test('a failure of one request, in curl’s words', () => {
  const text =
    '\n@meshplan 000 6 0.002 Could not resolve host: only-c2\n\n@meshplan 000 28 5.0 Operation timed out\n';
  assert.equal(
    parseCurl(text).map(({ status, exitCode, error }) => ({ status, exitCode, error })),
    [
      { status: 0, exitCode: 6, error: 'Could not resolve host: only-c2' },
      { status: 0, exitCode: 28, error: 'Operation timed out' },
    ],
  );
});

test('output that was cut off loses the request that it was cut in', () => {
  assert.is(parseCurl('c2-v1\n@meshplan 200 0 0.1 \nc2-v1\n@meshp').length, 1);
});

test('nothing gives nothing', () => assert.equal(parseCurl('sh: curl: not found'), []));

test('headers are arguments of their own, never parts of a shell line', () => {
  const command = curlCommand(['http://routed/hostname?n=[1-50]'], { 'x-version': 'v2; rm' });
  assert.is(command[0], 'curl');
  assert.is(command[command.indexOf('-H') + 1], 'x-version: v2; rm');
  assert.is(command.at(-1), 'http://routed/hostname?n=[1-50]');
});

test.run();
