import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { InvalidInputError } from '../../../src/errors/index.js';
import { refuseVainAdoption } from '../../../src/plan/adoption.js';
import { actionOf } from './support.js';

const test = suite('what may be adopted');
const actions = [actionOf('one/base')];

test('all, an address that fits and any manager may stand behind --adopt', () => {
  refuseVainAdoption({}, actions);
  refuseVainAdoption({ adopt: ['**', 'one/**', 'manager:nobody'] }, actions);
});

test('what fits nothing is refused: a plan file behind --adopt would else be an apply of everything', () => {
  try {
    refuseVainAdoption({ adopt: ['mesh.plan', '**', 'two/**'] }, actions);
    assert.unreachable();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    assert.is(error.exitCode, 3);
    assert.equal(
      error.diagnostics.map(({ code, message }) => [code, message.split(' fits')[0]]),
      [
        ['adopt-matches-nothing', '--adopt mesh.plan'],
        ['adopt-matches-nothing', '--adopt two/**'],
      ],
    );
  }
});

test.run();
