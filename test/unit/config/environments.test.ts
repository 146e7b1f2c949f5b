import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readEnvironments } from '../../../src/config/index.js';
import { brief, enterFixtures, load } from './support.js';

enterFixtures('environments');

test('an environment brings its overlays, before all others', async () => {
  const overlays = ['../overlays/patch-version.yaml'];
  const { loaded } = await load('mesh.yaml', { environment: 'staging', overlays });
  const mesh = loaded?.mesh;
  assert.is(mesh?.name, 'shop-staging');
  assert.equal(mesh?.environment, { name: 'staging', others: [{ name: 'production', mesh: 'shop' }] });
  assert.equal(mesh?.overlays, ['overlays/staging.yaml', 'overlays/small.yaml', ...overlays]);
  assert.equal([mesh?.istio.version, mesh?.clusters[0]?.controlPlane.replicas], ['1.34', 1]);
  assert.is(mesh?.clusters[0]?.context, 'staging-hub');
  assert.equal(loaded?.locate('/spec/clusters/0/name'), {
    file: 'overlays/staging.yaml',
    line: 4,
    column: 15,
  });
});

test('what it requires is worked out, with the mesh ID of the other environment', async () => {
  const overlays = ['fix.yaml'];
  const { loaded } = await load('mesh.yaml', { environment: 'production', overlays });
  assert.equal(loaded?.mesh.environment?.others, [{ name: 'staging', mesh: 'shop-staging' }]);
  const requires = loaded?.mesh.environment?.requires;
  assert.equal([requires?.environment, requires?.maxAgeHours], ['staging', 24]);
  assert.equal(requires?.report, {
    path: join(process.cwd(), 'reports/staging.json'),
    shown: 'reports/staging.json',
  });
  assert.equal(requires?.source, { file: 'mesh.yaml', line: 11, column: 7 });
});

test('mistakes are shown in the overlay of the environment', async () => {
  const { found } = await load('mesh.yaml', { environment: 'production' });
  assert.equal(found.map(brief), ['overlays/production.yaml:4:35 unknown-key']);
});

test('a file with environments wants one of them', async () => {
  const { found: none } = await load('mesh.yaml');
  assert.equal(none.map(brief), ['mesh.yaml:6:3 environment-needed']);
  assert.match(none[0]?.hint ?? '', 'staging, production');
  const { found: unknown } = await load('mesh.yaml', { environment: 'stagin' });
  assert.equal(unknown.map(brief), ['mesh.yaml:6:3 unknown-environment']);
  assert.match(unknown[0]?.hint ?? '', '`staging`');
});

test('a file without environments takes any name', async () => {
  const { loaded } = await load('../right/minimal.yaml', { environment: 'lab' });
  assert.is(loaded?.mesh.environment, undefined);
  assert.equal(await readEnvironments('../right/minimal.yaml'), []);
  assert.equal(await readEnvironments('mesh.yaml'), ['staging', 'production']);
});

test('an overlay cannot change environments', async () => {
  const { found } = await load('mesh.yaml', { environment: 'staging', overlays: ['overlays/more.yaml'] });
  assert.equal(found.map(brief), ['mesh.yaml:6:3 overlay-environments']);
  const { found: added } = await load('mesh.yaml', { environment: 'staging', overlays: ['added.yaml'] });
  assert.equal(added.map(brief), ['added.yaml:3:5 overlay-environments']);
});

test('overlays are in the folder of mesh.yaml, and there; what is required can be fulfilled', async () => {
  const { found } = await load('wrong/mesh.yaml', { environment: 'staging' });
  assert.equal(found.map(brief), [
    'wrong/mesh.yaml:8:18 overlay-outside',
    'wrong/mesh.yaml:8:44 overlay-missing',
    'wrong/mesh.yaml:8:55 overlay-outside',
    'wrong/mesh.yaml:9:32 environment-cycle',
    'wrong/mesh.yaml:11:32 environment-cycle',
    'wrong/mesh.yaml:13:32 unknown-environment',
  ]);
});

test.run();
