import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { brief, load } from './support.js';

process.chdir(fileURLToPath(new URL('../../fixtures/guide/', import.meta.url)));

/** The files of the primary-remote guide, each in the place that looks right: what of them fails, and where. */
const TRAPS = [
  'mesh.yaml:11:9 derived-value',
  'mesh.yaml:12:7 operator-field',
  'mesh.yaml:23:27 derived-value',
  'mesh.yaml:24:11 derived-value',
  'mesh.yaml:30:27 derived-value',
  'mesh.yaml:31:11 derived-value',
  'mesh.yaml:32:11 derived-value',
  'mesh.yaml:34:11 derived-value',
  'istio/remote/namespace.yaml:4:9 reserved-name',
  'istio/primary/cluster1-config.yaml:2:1 istio-operator',
  'istio/primary/cluster1-config.yaml:12:9 istio-operator',
  'istio/primary/cluster1-config.yaml:14:5 istio-operator',
  'istio/primary/istiod-external.yaml:4:9 managed-object',
  'istio/primary/secrets.yaml:4:9 key-in-manifest',
  'istio/primary/secrets.yaml:15:9 key-in-manifest',
  'istio/remote/cluster2-config.yaml:2:1 istio-operator',
  'istio/remote/cluster2-config.yaml:15:7 istio-operator',
  'warning apps/alert.yaml:11:17 unknown-label',
  'warning apps/traffic-management.yaml:7:11 not-callable',
  'warning apps/traffic-management.yaml:28:13 empty-subset',
  'warning apps/locality.yaml:7:9 two-rules',
  'warning apps/locality.yaml:14:5 ejection-limit',
  'warning apps/backend.yaml:34:7 port-protocol',
];

test('the guide, word for word: each place where it would fail is named', async () => {
  const { found } = await load('mesh.yaml');
  assert.equal(found.map(brief), TRAPS);
  for (const { message, hint, code } of found) assert.ok(message && hint, code);
});

/** What of a finding has to be said, for it is what people miss when the mesh does not come up. */
const REASONS: [place: string, message: RegExp, hint: RegExp][] = [
  ['mesh.yaml:34', /injectionURL/, /certificate names none.*\/inject\/cluster\/NAME\/net\/NETWORK/],
  ['mesh.yaml:12', /IstioOperator/, /autoscaler.*floor stays 1/],
  ['namespace.yaml:4', /istio-system/, /topology\.istio\.io\/controlPlaneClusters/],
  ['cluster1-config.yaml:12', /autoscaler.*floor stays 1/, /controlPlane\.replicas/],
  ['cluster1-config.yaml:14', /externalIstiod.*caBundle/, /meshplan sets it/],
  ['istiod-external.yaml:4', /every revision.*istio\.io\/rev/, /controlPlane\.exposure/],
  ['cluster2-config.yaml:15', /no IP address.*primary's cluster name/, /right path/],
  ['locality.yaml:7', /traffic-management\.yaml:24.*older alone/, /one DestinationRule/],
  ['locality.yaml:14', /10 %/, /maxEjectionPercent: 100/],
  ['alert.yaml:11', /pilot_xds_pushes.*no label `cluster`/, /istiod_remote_cluster_sync_status/],
];

test('each says what follows and how to mend it', async () => {
  const { found } = await load('mesh.yaml');
  for (const [place, message, hint] of REASONS) {
    const finding = found.find(({ file, line }) => `${file}:${line}`.endsWith(place));
    assert.match(finding?.message ?? '', message, place);
    assert.match(finding?.hint ?? '', hint, place);
  }
});

test('no key of a Secret is shown', async () => {
  const { found } = await load('mesh.yaml');
  assert.not.match(JSON.stringify(found), 'eA==');
});

test('what is mended of it has no finding but the subset without pods', async () => {
  const { found } = await load('mended.yaml');
  assert.equal(found.map(brief), ['warning mended/backend-rules.yaml:28:13 empty-subset']);
});

test.run();
