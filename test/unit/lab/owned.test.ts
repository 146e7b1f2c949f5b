import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { namesOf } from '../../../src/lab/network/names.js';
import { nodeOf, nodesOf } from '../../../src/lab/remains/owned.js';

const test = suite('whose a remain is');
const names = namesOf('/home/user/mesh/.meshplan/lab');
const others = namesOf('/home/user/other/.meshplan/lab');

test('a lab owns its nodes, and neither its hub nor those of others', () => {
  const owned = nodesOf(names);
  assert.ok(owned(names.cluster(1)) && owned(names.cluster(12)));
  for (const name of [
    names.hub,
    others.cluster(1),
    names.prefix,
    `${names.cluster(1)}x`,
    'mp-',
    'docker',
    '',
  ])
    assert.not.ok(owned(name), name);
});

test('one node is told from the others, also where its number begins as theirs do', () => {
  const owned = nodeOf(names, 1);
  assert.ok(owned(names.cluster(1)));
  for (const name of [names.cluster(2), names.cluster(12), names.hub, others.cluster(1)])
    assert.not.ok(owned(name), name);
});

test.run();
