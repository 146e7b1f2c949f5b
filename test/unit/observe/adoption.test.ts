import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import { adopterOf } from '../../../src/observe/adoption.js';
import { makersOf } from '../../../src/observe/makers.js';
import { declaredObject } from '../../../src/observe/predict.js';

const ADDRESS = 'one/apps/v1/Deployment/istio-system/istiod';

/** istiod as a chart has it, of a release, with these managers and labels. */
function istiod(release: string, managers: string[] = [], labels: Record<string, string> = {}): KubeObject {
  const common = { 'app.kubernetes.io/part-of': 'istio', 'app.kubernetes.io/instance': release };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'istiod',
      namespace: 'istio-system',
      labels: { ...common, release, ...labels },
      managedFields: managers.map((manager) => ({ manager, operation: 'Update' })),
    },
    spec: { template: { metadata: { labels: { ...common, app: 'istiod' } } } },
  };
}

const test = suite('adoption');

const chosen: [patterns: string[] | undefined, managers: string[], adopts: boolean][] = [
  [undefined, ['helm'], false],
  [['**'], ['helm'], true],
  [['one/**'], ['helm'], true],
  [['two/**'], ['helm'], false],
  [['two/**', '**/istiod'], ['helm'], true],
  [['manager:helm'], ['helm'], true],
  [['manager:helm'], ['kubectl-client-side-apply'], false],
  [['manager:kubectl*'], ['kubectl-client-side-apply'], true],
];
for (const [patterns, managers, adopts] of chosen) {
  test(`--adopt ${patterns?.join(' ') ?? 'not given'}, made by ${managers.join(' ')}: ${adopts}`, () => {
    const adopter = adopterOf(patterns ? { adopt: patterns } : {}, 'mesh1');
    assert.is(adopter?.(ADDRESS, istiod('istio', managers)) ?? false, adopts);
  });
}

test('an object of another mesh is never adopted', () => {
  const theirs = istiod('istio', ['meshplan'], { 'meshplan.dev/mesh': 'mesh2' });
  assert.is(adopterOf({ adopt: ['**'] }, 'mesh1')?.(ADDRESS, theirs), false);
});

test('an object of this mesh that another tool made anew, as from a backup, may be taken over again', () => {
  const restored = istiod('istio', ['velero'], { 'meshplan.dev/mesh': 'mesh1' });
  const adopts = adopterOf({ adopt: ['**'] }, 'mesh1');
  assert.ok(adopts?.(ADDRESS, restored));
  restored.metadata.managedFields?.push({ manager: 'meshplan', operation: 'Apply' });
  assert.not.ok(adopts?.(ADDRESS, restored), 'then it is ours, and not kept as it is found');
});

test('makers are those who set fields, not controllers, status writers or meshplan', () => {
  const live = istiod('istio', ['helm', 'pilot-discovery', 'meshplan', 'kube-controller-manager', 'helm']);
  live.metadata.managedFields?.push({ manager: 'scaler', operation: 'Update', subresource: 'scale' });
  assert.equal(makersOf(live), ['helm']);
  assert.equal(makersOf(istiod('istio', ['pilot-discovery'])), ['pilot-discovery']);
});

const declared = istiod('istio', [], { 'meshplan.dev/mesh': 'mesh1' });
const podLabels = (object: KubeObject) =>
  (object.spec as { template: { metadata: { labels: Record<string, string> } } }).template.metadata.labels;

test('what is adopted gets both labels, and keeps the labels of its release, in the pod template as well', () => {
  const wanted = declaredObject(declared, { live: istiod('istiod'), ours: true, adoptedFrom: ['helm'] });
  assert.equal(wanted.metadata.labels, {
    'app.kubernetes.io/part-of': 'istio',
    'app.kubernetes.io/instance': 'istiod',
    release: 'istiod',
    'meshplan.dev/mesh': 'mesh1',
    'meshplan.dev/adopted': 'true',
  });
  assert.equal(podLabels(wanted), podLabels(istiod('istiod')));
});

test('it stays so in later runs, and without the mark it is as declared', () => {
  const live = istiod('istiod', [], { 'meshplan.dev/adopted': 'true' });
  assert.is(declaredObject(declared, { live, ours: true }).metadata.labels?.release, 'istiod');
  assert.equal(declaredObject(declared, { live: istiod('istiod'), ours: true }), declared);
});

test('labels of an application are its own, whatever they are called', () => {
  const app = (release: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop', labels: { release } },
  });
  const wanted = declaredObject(app('v2'), { live: app('v1'), ours: true, adoptedFrom: ['kubectl'] });
  assert.is(wanted.metadata.labels?.release, 'v2');
});

test.run();
