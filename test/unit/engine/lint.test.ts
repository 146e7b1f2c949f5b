import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { verdictOnRemoval } from '../../../src/engine/lint.js';
import { lintFinding } from '../../../src/lint/finding.js';
import { exampleMesh } from '../compile/support.js';

test('a removal depends on nothing that clusters might prove wrong', async () => {
  const mesh = await exampleMesh('primary-remote');
  const place = { file: 'mesh.yaml', line: 1, column: 1 };
  const about = { subject: 'web.shop.svc.cluster.local/v1', message: 'so it is', hint: 'mend it' };
  const found = [lintFinding('empty-subset', place, about), lintFinding('unknown-subset', place, about)];
  const severities = { 'empty-subset': 'error' as const };
  const { diagnostics } = verdictOnRemoval({
    mesh: { ...mesh, lint: { severities, waivers: [] } },
    lint: { found, now: new Date(), isStrict: true },
  });
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['unknown-subset'],
  );
});

test.run();
