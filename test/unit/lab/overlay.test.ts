import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loadMesh } from '../../../src/config/index.js';
import { overlayText } from '../../../src/lab/overlay.js';
import { ROOT } from '../house/support.js';

const test = suite('the overlay of a level-2 lab');
const folder = mkdtempSync(join(tmpdir(), 'meshplan-overlay-'));
const overlay = join(folder, 'overlay.yaml');
test.after(() => rmSync(folder, { recursive: true }));

for (const example of ['primary-remote', 'two-remotes']) {
  test(`meshplan takes it over the example ${example}, and finds nothing derived overridden`, async () => {
    writeFileSync(overlay, overlayText());
    const file = join(ROOT, 'examples', example, 'mesh.yaml');
    const plain = await loadMesh(file);
    const { mesh, diagnostics } = await loadMesh(file, { overlays: [overlay] });
    assert.equal(diagnostics, plain.diagnostics);
    assert.is(mesh.istio.hub, 'lab.meshplan.dev/istio');
    assert.equal(mesh.istio.values.telemetry, { enabled: false });
    for (const cluster of mesh.clusters) {
      assert.equal(cluster.controlPlane.resources, { requests: { cpu: '50m', memory: '128Mi' } });
    }
    const exposures = (loaded: typeof mesh) =>
      loaded.clusters.map((cluster) => cluster.controlPlane.exposure);
    assert.equal(exposures(mesh), exposures(plain.mesh), 'what mesh.yaml says beside it stays');
  });
}

test.run();
