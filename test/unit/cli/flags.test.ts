import { InvalidArgumentError } from 'commander';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { overlaysOf, parseDuration, parseEnvironment, stateFileOf } from '../../../src/cli/flags.js';

const test = suite('flags');

const durations: [text: string, milliseconds: number | undefined][] = [
  ['90s', 90_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['250ms', 250],
  ['1m30s', 90_000],
  ['1h1m1s1ms', 3_661_001],
  ['1.5m', 90_000],
  ['0s', 0],
  ['', undefined],
  ['90', undefined],
  ['s', undefined],
  ['5 m', undefined],
  ['-5m', undefined],
  ['5d', undefined],
  ['1m later', undefined],
  ['.5s', undefined],
  ['5M', undefined],
];
for (const [text, milliseconds] of durations) {
  test(`duration "${text}": ${milliseconds === undefined ? 'refused' : `${milliseconds} ms`}`, () => {
    if (milliseconds !== undefined) assert.is(parseDuration(text), milliseconds);
    else
      assert.throws(
        () => parseDuration(text),
        (error: unknown) => error instanceof InvalidArgumentError,
      );
  });
}

for (const name of ['prod', 'eu-1', 'a.b_c', '7']) {
  test(`environment ${name}`, () => assert.is(parseEnvironment(name), name));
}
for (const name of ['', '.', '..', 'a/b', '../zz', 'a b', '-a', 'a.', 'a\\b']) {
  test(`environment "${name}": refused, for it becomes part of a file name`, () =>
    assert.throws(
      () => parseEnvironment(name),
      (error: unknown) => error instanceof InvalidArgumentError,
    ));
}

const files: [title: string, flags: Parameters<typeof stateFileOf>[0], file: string][] = [
  ['by default beside the mesh file', { file: 'mesh.yaml' }, 'meshplan.state.json'],
  ['beside a mesh file elsewhere', { file: 'envs/prod/mesh.yaml' }, 'envs/prod/meshplan.state.json'],
  ['for an environment', { file: 'envs/mesh.yaml', env: 'prod' }, 'envs/meshplan.prod.state.json'],
  ['as named', { file: 'envs/mesh.yaml', state: 'other/s.json' }, 'other/s.json'],
  ['as named, whatever the environment', { file: 'mesh.yaml', state: 's.json', env: 'prod' }, 's.json'],
];
for (const [title, flags, file] of files) {
  test(`state file ${title}: ${file}`, () => assert.is(stateFileOf(flags), file));
}

const overlays: [environment: string | undefined, flags: string[], all: string[]][] = [
  [undefined, [], []],
  [undefined, ['a.yaml', 'b.yaml'], ['a.yaml', 'b.yaml']],
  ['lab.yaml', [], ['lab.yaml']],
  ['x.yaml:y.yaml', ['a.yaml'], ['x.yaml', 'y.yaml', 'a.yaml']],
  [':x.yaml:', [], ['x.yaml']],
];
for (const [environment, flags, all] of overlays) {
  test(`MESHPLAN_OVERLAY=${environment ?? ''} with ${flags.length} flags: ${all.join(', ') || 'none'}`, () => {
    const before = process.env.MESHPLAN_OVERLAY;
    if (environment === undefined) delete process.env.MESHPLAN_OVERLAY;
    else process.env.MESHPLAN_OVERLAY = environment;
    try {
      assert.equal(overlaysOf({ overlay: flags }), all);
    } finally {
      if (before === undefined) delete process.env.MESHPLAN_OVERLAY;
      else process.env.MESHPLAN_OVERLAY = before;
    }
  });
}

test.run();
