import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Context, Survey } from '../../../src/engine/context.js';
import { withProof } from '../../../src/engine/proof.js';
import { clusterOf, exampleMesh } from '../compile/support.js';

const REQUIRES = {
  environment: 'staging',
  report: { path: '/reports/staging.json', shown: 'reports/staging.json' },
  maxAgeHours: 168,
  except: [],
  source: { file: 'mesh.yaml', line: 9, column: 7 },
};

/** How the lack of a report is taken by an apply, of clusters of which some may be on their way. */
async function severityWith(moves: Record<string, string>, isFenced = false): Promise<string[]> {
  const declared = await exampleMesh('primary-remote');
  const lost = clusterOf('cluster-1', 'cluster-2');
  const fence = { ...lost, since: '2026-01-01T00:00:00Z', fencedAt: lost.source };
  const mesh = {
    ...declared,
    fenced: isFenced ? [fence] : [],
    environment: { name: 'production', others: [{ name: 'staging', mesh: 'mesh1' }], requires: REQUIRES },
  };
  const context = {
    mesh,
    render: async () => [],
    parseYaml: () => ({}),
    lint: { now: new Date() },
  } as unknown as Context;
  const found = { facts: { clusters: {}, moves }, plan: { diagnostics: [] } } as unknown as Survey;
  const evidence = { mesh: mesh.name, reading: { fault: 'is not there' }, whole: mesh };
  const { plan } = await withProof(context, found, evidence, 'error');
  return plan.diagnostics.map(({ severity }) => severity);
}

test('an apply that nothing proved is refused, but where it goes on with a failover', async () => {
  assert.equal(await severityWith({}), ['error']);
  assert.equal(await severityWith({ 'cluster-2': 'cluster-1' }), ['error']);
  assert.equal(await severityWith({}, true), ['error']);
  assert.equal(await severityWith({ 'cluster-2': 'cluster-1' }, true), ['warning']);
});

test.run();
