import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alertRules } from '../../../src/compile/monitoring/alerts.js';
import { promtool } from '../../support/prometheus.js';
import { exampleMesh } from './support.js';

test("promtool finds nothing wrong with the example's rules", async () => {
  const rules = alertRules(await exampleMesh('primary-remote'), ['cluster-2']);
  const { code, stdout, stderr } = await promtool(['check', 'rules', 'mesh.rules.yaml'], {
    'mesh.rules.yaml': rules,
  });
  assert.is(code, 0, stdout + stderr);
});

test.run();
