import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject, ManagedFieldsEntry } from '../../../src/model/kube.js';
import { handedOver } from '../../../src/observe/handover.js';

const OWN: ManagedFieldsEntry = {
  manager: 'meshplan',
  operation: 'Apply',
  fieldsV1: { 'f:metadata': { 'f:labels': { 'f:network': {}, 'f:meshplan.dev/mesh': {} } } },
};
const LABELS = { 'f:metadata': { 'f:labels': { '.': {}, 'f:network': {}, 'f:team': {} } } };

const by = (manager: string, fieldsV1: Record<string, unknown>, more: object = {}): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  fieldsV1,
  ...more,
});

const live = (kind: string, managedFields: ManagedFieldsEntry[]): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'web', managedFields },
});

const test = suite('fields of what was adopted');

test('those who made it own nothing of it any more', () =>
  assert.equal(handedOver(live('Service', [by('helm', LABELS), OWN, by('kubectl-edit', LABELS)])), [OWN]));

test('in a Namespace they keep what they had set of the declaration', () =>
  assert.equal(handedOver(live('Namespace', [OWN, by('kubectl', LABELS), by('helm', { 'f:spec': {} })])), [
    OWN,
    by('kubectl', { 'f:metadata': { 'f:labels': { 'f:network': {} } } }),
  ]));

test('controllers and the status stay', () => {
  const others = [by('helm', LABELS, { subresource: 'status' }), by('pilot-discovery', LABELS)];
  assert.is(handedOver(live('Service', [OWN, ...others])), undefined);
});

test('nothing happens where meshplan applied nothing', () =>
  assert.is(handedOver(live('Service', [by('helm', LABELS)])), undefined));

test.run();
