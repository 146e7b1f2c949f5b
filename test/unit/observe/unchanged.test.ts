import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '../../../src/model/kube.js';
import { isAppliedAsDeclared } from '../../../src/observe/unchanged.js';

/** A Service that meshplan declared, and as the server holds it after the apply. */
const declared = (): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: {
    selector: { app: 'web' },
    ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }],
    externalIPs: ['192.0.2.1'],
  },
});

const live = (): KubeObject => ({
  ...declared(),
  metadata: {
    ...declared().metadata,
    uid: 'u1',
    managedFields: [
      {
        manager: 'meshplan',
        operation: 'Apply',
        fieldsV1: {
          'f:metadata': { 'f:labels': { 'f:app': {} } },
          'f:spec': {
            'f:selector': {},
            'f:externalIPs': {},
            'f:ports': {
              'k:{"port":80,"protocol":"TCP"}': {
                '.': {},
                'f:name': {},
                'f:port': {},
                'f:protocol': {},
                'f:targetPort': {},
              },
            },
          },
        },
      },
      { manager: 'kube-controller-manager', operation: 'Update', fieldsV1: { 'f:status': {} } },
    ],
  },
  spec: { ...(declared().spec as object), clusterIP: '10.0.0.1', type: 'ClusterIP' },
});

type Spec = { ports: Record<string, unknown>[]; selector: Record<string, string>; [key: string]: unknown };
const specOf = (object: KubeObject) => object.spec as Spec;

type Edit = (mine: KubeObject, theirs: KubeObject) => unknown;
const assign = (object: KubeObject, fields: object) => Object.assign(specOf(object), fields);
const port = { name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 };

/** What changes → whether the server need not be asked. */
const table: [string, boolean, Edit][] = [
  ['nothing', true, () => undefined],
  ['a field that others added', true, (_, theirs) => assign(theirs, { sessionAffinity: 'None' })],
  ['a declared value', false, (mine) => Object.assign(mine.metadata, { labels: { app: 'shop' } })],
  ['a live value', false, (_, theirs) => Object.assign(theirs.metadata, { labels: { app: 'other' } })],
  ['a value in a keyed list', false, (_, theirs) => assign(theirs, { ports: [{ ...port, targetPort: 1 }] })],
  ['a field that is newly declared', false, (mine) => assign(mine, { type: 'LoadBalancer' })],
  [
    'a field that is no longer declared',
    false,
    (mine) => Reflect.deleteProperty(specOf(mine), 'externalIPs'),
  ],
  ['an item that is newly declared', false, (mine) => specOf(mine).ports.push({ ...port, port: 81 })],
  ['an item that is gone from the live list', false, (_, theirs) => assign(theirs, { ports: [] })],
  [
    'a declared part of a key',
    false,
    (mine) => assign(mine, { ports: [{ name: 'http', port: 80, targetPort: 8080 }] }),
  ],
  [
    'a map that is owned as a whole',
    false,
    (_, theirs) => assign(theirs, { selector: { app: 'web', more: 'x' } }),
  ],
  ['meshplan owns nothing', false, (_, theirs) => Object.assign(theirs.metadata, { managedFields: [] })],
];

for (const [change, expected, edit] of table) {
  test(`${change} changes: ${expected ? 'nothing to ask' : 'the server is asked'}`, () => {
    const [mine, theirs] = [structuredClone(declared()), structuredClone(live())];
    edit(mine, theirs);
    assert.is(isAppliedAsDeclared(mine, theirs), expected);
  });
}

/** A declared object, its live form beside that, and the set of fields that meshplan owns. */
const filledIn: [string, boolean, object, object, object][] = [
  [
    'the protocol in the key of a port',
    true,
    { ports: [{ port: 80 }] },
    { ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
    { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
  ],
  [
    'another protocol',
    false,
    { ports: [{ port: 53 }] },
    { ports: [{ port: 53, protocol: 'UDP' }] },
    { 'f:ports': { 'k:{"port":53,"protocol":"UDP"}': { '.': {}, 'f:port': {} } } },
  ],
  [
    "the scope of a webhook's rule, in a list that is owned as a whole",
    true,
    { rules: [{ resources: ['pods'] }] },
    { rules: [{ resources: ['pods'], scope: '*' }] },
    { 'f:rules': {} },
  ],
  [
    'another scope',
    false,
    { rules: [{ resources: ['pods'] }] },
    { rules: [{ resources: ['pods'], scope: 'Namespaced' }] },
    { 'f:rules': {} },
  ],
  [
    'anything else beside it',
    false,
    { rules: [{ resources: ['pods'] }] },
    { rules: [{ resources: ['pods'], scope: '*', more: 1 }] },
    { 'f:rules': {} },
  ],
];

for (const [what, expected, spec, found, fields] of filledIn) {
  test(`the server filled in ${what}: ${expected ? 'nothing to ask' : 'the server is asked'}`, () => {
    const metadata = { name: 'web', namespace: 'shop', labels: { app: 'web' } };
    const entry = {
      manager: 'meshplan',
      operation: 'Apply',
      fieldsV1: { 'f:metadata': { 'f:labels': { 'f:app': {} } }, 'f:spec': fields },
    };
    const mine: KubeObject = { apiVersion: 'v1', kind: 'Service', metadata, spec };
    const theirs = { ...mine, metadata: { ...metadata, managedFields: [entry] }, spec: found };
    assert.is(isAppliedAsDeclared(mine, theirs), expected);
  });
}

test.run();
