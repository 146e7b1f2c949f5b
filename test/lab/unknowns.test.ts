import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Lab, labUp } from '../support/lab.js';
import type { PlanJson } from '../support/plan-shape.js';

let lab: Lab;

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {size: {type: integer}}}
`;
const widget = (size: string) => `apiVersion: v1
kind: Namespace
metadata: {name: tools}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: w, namespace: tools}
spec:
  size: ${size}
`;
const deployment = (field: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: extra, namespace: production}
spec:
  ${field}
  selector: {matchLabels: {app: extra}}
  template:
    metadata: {labels: {app: extra}}
    spec: {containers: [{name: app, image: app}]}
`;
const rule = (http: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: extra, namespace: production}
spec:
  hosts: [extra.example.com]
  http:
    - ${http}
`;
const ROUTE = 'route: [{destination: {host: backend.production.svc.cluster.local}, weight: 100}]';

/** Adds entries to the workloads of mesh.yaml; each file goes to the clusters given. */
async function withManifests(
  files: Record<string, string>,
  clusters = ['cluster-2'],
  tag?: string,
): Promise<string> {
  for (const [name, text] of Object.entries(files)) await lab.write(name, text);
  const workloads = Object.keys(files).map((manifests) => ({
    op: 'add',
    path: '/spec/workloads/-',
    value: { manifests, clusters },
  }));
  const image = tag === undefined ? [] : [{ op: 'add', path: '/spec/istio/tag', value: tag }];
  return lab.write('extra-overlay.json', JSON.stringify([...workloads, ...image]));
}

/** The errors of a plan with more manifests, as `FILE:LINE MESSAGE`; the plan must exit with 3. */
async function refused(files: Record<string, string>, clusters?: string[]): Promise<string[]> {
  const overlay = await withManifests(files, clusters);
  const { code, stdout, stderr } = await lab.meshplan('plan', '-o', 'json', '--overlay', overlay);
  assert.is(code, 3, stdout + stderr);
  const { diagnostics } = JSON.parse(stdout) as PlanJson;
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, file, line, message }) => `${file}:${line} ${code} ${message}`);
}

test('two empty clusters', async () => {
  lab = await labUp({ example: 'primary-remote' });
});

test('a right mesh gives no finding', async () => {
  const { code, stdout, stderr } = await lab.meshplan('plan', '-o', 'json');
  assert.is(code, 0, stderr);
  const { diagnostics } = JSON.parse(stdout) as PlanJson;
  assert.equal([...new Set(diagnostics.map((item) => item.code))].sort(), ['empty-subset', 'exposure-open']);
});

const WRONG: [title: string, text: string, file: string, words: string][] = [
  ['a weight that is a text', rule(ROUTE.replace('100', '"100"')), 'x.yaml:1', 'http[0].route[0].weight'],
  ['an empty route', rule('route: []'), 'x.yaml:1', 'HTTP route, redirect or direct_response is required'],
  ['a bad regular expression', rule(`match: [{uri: {regex: "(["}}]\n      ${ROUTE}`), 'x.yaml:1', 'regexp'],
  ['a field that Istio does not know', rule(`rout: []\n      ${ROUTE}`), 'x.yaml:1', 'rout'],
  ['a field that Kubernetes does not know', deployment('replicsa: 2'), 'x.yaml:5', 'spec.replicsa'],
  ['a value of another type', deployment('replicas: two'), 'x.yaml:5', 'spec.replicas'],
  ['a value out of range', deployment('replicas: -2'), 'x.yaml:5', 'spec.replicas'],
  ['a kind that nobody brings', widget('1').replace('kind: Widget', 'kind: Gadget'), 'x.yaml:5', 'Gadget'],
];

test('what is wrong fails at plan time, before anything is there', async () => {
  const named = WRONG.map(([title, text], index) => {
    const own = text.replace('{name: extra,', `{name: extra-${index},`);
    return [`${title.replaceAll(' ', '-')}.yaml`, own] as const;
  });
  const errors = await refused(Object.fromEntries(named));
  for (const [title, , place, words] of WRONG) {
    const file = `${title.replaceAll(' ', '-')}.yaml:${place.split(':')[1]} invalid-object`;
    const error = errors.find((item) => item.startsWith(file));
    assert.ok(error?.includes(words), `${title}: ${errors.join('\n')}`);
  }
  assert.is(errors.length, WRONG.length, errors.join('\n'));
  assert.ok(
    errors.every((error) => !error.includes('default')),
    errors.join('\n'),
  );
});

test('so does a rule of mesh.yaml that Istio does not take', async () => {
  const path = '/spec/traffic/0/routes/0/match';
  const value = { path: { regex: '([' } };
  const overlay = await lab.write('bad.json', JSON.stringify([{ op: 'replace', path, value }]));
  const { code, stderr } = await lab.meshplan('plan', '--overlay', overlay);
  assert.is(code, 3, stderr);
  assert.match(
    stderr,
    /mesh\.yaml:\d+:\d+ error invalid-object cluster-1\/networking\.istio\.io\/v1\/VirtualService/,
  );
});

test('a custom resource is checked against its CRD without any cluster', async () => {
  const overlay = await withManifests({ 'widget.yaml': widget('large'), 'crd.yaml': CRD });
  const { code, stderr } = await lab.meshplan('validate', '--overlay', overlay);
  assert.is(code, 3, stderr);
  assert.match(stderr, 'widget.yaml:9:9 error wrong-type spec.size has to be a whole number');
});

test('CRD, custom resource and namespace go into the clusters by one apply, in any order of files', async () => {
  const files = { 'widget.yaml': widget('3'), 'crd.yaml': CRD, 'rule.yaml': rule(ROUTE) };
  const overlay = await withManifests(files, ['cluster-1', 'cluster-2'], '1.29.3');
  const applied = await lab.meshplan('apply', '-y', '--overlay', overlay);
  assert.is(applied.code, 0, applied.stdout + applied.stderr);
  for (const cluster of ['cluster-1', 'cluster-2']) {
    const size = await lab.kubectl(
      cluster,
      ...['-n', 'tools', 'get', 'widget', 'w', '-o', 'jsonpath={.spec.size}'],
    );
    assert.is(size, '3');
  }
  const again = await lab.meshplan('plan', '--detailed-exitcode', '--overlay', overlay);
  assert.is(again.code, 0, again.stdout + again.stderr);
});

test('istiod may not leap over a minor, and goes on by one', async () => {
  const plan = async (tag: string) => {
    const overlay = await withManifests({}, [], tag);
    return lab.meshplan('plan', '--overlay', overlay);
  };
  const leap = await plan('1.31.0');
  assert.is(leap.code, 3, leap.stdout + leap.stderr);
  const finding =
    /mesh\.yaml:\d+:\d+ error invariant-version-skew cluster-1\/control-plane would break the mesh/;
  assert.match(leap.stderr, finding);
  const step = await plan('1.30.0');
  assert.is(step.code, 0, step.stdout + step.stderr);
  assert.match(step.stderr, 'warning invariant-version-skew');
});

test('the same faults are told where everything is there', async () => {
  const files = { 'crd.yaml': CRD, 'a.yaml': deployment('replicsa: 2'), 'rule.yaml': rule('route: []') };
  const errors = await refused(files, ['cluster-1']);
  assert.is(errors.length, 2, errors.join('\n'));
  assert.ok(errors.some((error) => error.startsWith('a.yaml:5 ') && error.includes('spec.replicsa')));
  assert.ok(errors.some((error) => error.startsWith('rule.yaml:1 ')));
});

test('destroy takes custom resources away before their kind', async () => {
  const { code, stdout, stderr } = await lab.meshplan('destroy', '-y');
  assert.is(code, 0, stdout + stderr);
  for (const cluster of ['cluster-1', 'cluster-2']) {
    assert.is(await lab.kubectl(cluster, 'get', 'crd', '-o', 'name'), '');
  }
  await lab.down();
});

test.run();
