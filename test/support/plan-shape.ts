import * as assert from 'uvu/assert';
import { ACTION_KINDS } from '../../src/model/action.js';
import { REASONS } from '../../src/model/plan.js';

export interface PlanJson {
  formatVersion: string;
  mesh: string;
  complete: boolean;
  clusters: Record<string, unknown>[];
  actions: ActionJson[];
  drift: { address: string; patch: unknown[]; by?: string; at?: string }[];
  diagnostics: {
    severity: string;
    code: string;
    message: string;
    hint?: string;
    file?: string;
    line?: number;
  }[];
  summary: Record<(typeof CHANGES)[number], number>;
}

interface ActionJson {
  id: string;
  kind: string;
  cluster: string;
  after: string[];
  change: string;
  reason: string;
  impact: string;
  objects: ObjectJson[];
}

interface ObjectJson {
  address: string;
  cluster: string;
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  change: string;
  patch: { op: string; path: string }[];
  sensitive: boolean;
  unknown: string[];
}

const CHANGES = ['create', 'update', 'replace', 'delete', 'noop', 'unknown', 'blocked'] as const;
const IMPACTS = ['none', 'new-pods', 'control-plane-restart', 'proxies-reconnect', 'mtls-risk'];
const isOneOf = (list: readonly string[], value: string, what: string) =>
  assert.ok(list.includes(value), `${what}: ${value}`);

/** Asserts the shape that the JSON of a plan has by contract; more keys than these are allowed. */
export function assertPlanShape(plan: PlanJson): void {
  assert.is(plan.formatVersion, '1');
  assert.type(plan.mesh, 'string');
  assert.type(plan.complete, 'boolean');
  for (const cluster of plan.clusters) {
    for (const key of ['name', 'uid', 'server', 'version']) assert.type(cluster[key], 'string', key);
    assert.type(cluster.reachable, 'boolean');
  }
  const ids = plan.actions.map((action) => action.id);
  assert.is(new Set(ids).size, ids.length, 'action ids are unique');
  const addresses = plan.actions.flatMap((action) => action.objects.map((object) => object.address));
  assert.is(new Set(addresses).size, addresses.length, 'each object belongs to one action');
  for (const action of plan.actions) assertAction(action, ids);
  for (const { address, patch, by, at } of plan.drift) {
    assert.ok(address !== '' && Array.isArray(patch));
    for (const text of [by, at]) if (text !== undefined) assert.match(text, /./, address);
    if (at !== undefined) assert.ok(!Number.isNaN(Date.parse(at)), `${address} at ${at}`);
  }
  for (const item of plan.diagnostics) {
    isOneOf(['error', 'warning', 'info'], item.severity, 'severity');
    assert.match(item.code, /^[a-z0-9-]+$/);
  }
  assertSummary(plan);
}

function assertAction(action: ActionJson, ids: string[]): void {
  for (const key of ['id', 'kind', 'cluster', 'reason'] as const) assert.type(action[key], 'string', key);
  for (const id of action.after) assert.ok(ids.includes(id), `${action.id} comes after ${id}`);
  isOneOf(CHANGES, action.change, action.id);
  isOneOf(IMPACTS, action.impact, action.id);
  isOneOf(ACTION_KINDS, action.kind, action.id);
  isOneOf(REASONS, action.reason, action.id);
  for (const object of action.objects) assertObject(object);
}

function assertObject(object: ObjectJson): void {
  const { address, cluster, apiVersion, kind, namespace, name } = object;
  assert.is(address, [cluster, apiVersion, kind, namespace, name].filter(Boolean).join('/'));
  isOneOf(CHANGES, object.change, address);
  assert.type(object.sensitive, 'boolean', address);
  for (const { op, path } of object.patch) {
    isOneOf(['add', 'remove', 'replace', 'move', 'copy', 'test'], op, address);
    assert.type(path, 'string', address);
  }
  for (const pointer of object.unknown) assert.match(pointer, /^\//, address);
  if (kind === 'Secret') assert.ok(object.sensitive, address);
}

/** The summary counts objects, and actions that have none of their own, such as the making of the root. */
function assertSummary({ actions, summary }: PlanJson): void {
  const counted = actions.flatMap<{ change: string }>((action) =>
    action.objects.length > 0 ? action.objects : [action],
  );
  for (const change of CHANGES) {
    assert.is(summary[change], counted.filter((item) => item.change === change).length, change);
  }
}
