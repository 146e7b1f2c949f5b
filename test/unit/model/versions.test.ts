import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseIstioVersion, versionOfBuild } from '../../../src/model/versions.js';

for (const [text, expected] of [
  ['1.31', { major: 1, minor: 31 }],
  ['1.31-dev', { major: 1, minor: 31 }],
  ['v1.31.2', { major: 1, minor: 31, patch: 2 }],
  ['1.31.2-distroless', { major: 1, minor: 31, patch: 2 }],
  ['1.31-alpha.abc123', { major: 1, minor: 31 }],
  ['latest', undefined],
  ['1', undefined],
  ['1.31x', undefined],
] as const) {
  test(`${text} is read as ${JSON.stringify(expected)}`, () => {
    assert.equal(parseIstioVersion(text), expected);
  });
}

test("istiod's answer ends in revision and build status", () => {
  assert.is(versionOfBuild('1.31-dev-unknown-unknown\n'), '1.31-dev');
  assert.is(versionOfBuild('1.31.2-0a1b2c-Clean'), '1.31.2');
});

test.run();
