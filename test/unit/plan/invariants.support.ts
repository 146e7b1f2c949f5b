import type { DesiredAction, DesiredObject } from '../../../src/model/action.js';
import { addressOf, type KubeObject, refOf } from '../../../src/model/kube.js';
import type { Plan } from '../../../src/model/plan.js';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import type { Observation } from '../../../src/observe/observe.js';
import { checkInvariants } from '../../../src/plan/invariants/index.js';
import { buildPlan } from '../../../src/plan/plan.js';
import { clusterOf, fullFacts, meshOf } from '../compile/support.js';
import { actionOf, live } from './support.js';

/** One primary `one` with the remotes `two` and `three`. */
export const mesh: ResolvedMesh = meshOf([
  clusterOf('one', 'one'),
  clusterOf('two', 'one'),
  clusterOf('three', 'one'),
]);

const inIstio = (kind: string, name: string, rest: Record<string, unknown>): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, namespace: 'istio-system' },
  ...rest,
});

const base64 = (text: string) => Buffer.from(text).toString('base64');
export const pem = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

export const cacerts = (...roots: string[]) =>
  inIstio('Secret', 'cacerts', { data: { 'root-cert.pem': base64(roots.map(pem).join('')) } });

export const istiod = (tag: string) =>
  inIstio('Deployment', 'istiod', {
    spec: { template: { spec: { containers: [{ name: 'discovery', image: `registry/pilot:${tag}` }] } } },
  });

export const values = (global: Record<string, unknown>) =>
  inIstio('ConfigMap', 'values', { data: { 'merged-values': JSON.stringify({ global }) } });

export const home = (network: string, leader?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: 'istio-system',
    labels: { 'topology.istio.io/network': network },
    ...(leader ? { annotations: { 'topology.istio.io/controlPlaneClusters': leader } } : {}),
  },
});

export const injector = (caBundle?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'istio-sidecar-injector' },
  webhooks: [{ name: 'x', clientConfig: caBundle ? { caBundle: base64(caBundle) } : {} }],
});

export const remoteSecret = (name: string, key = name): KubeObject => {
  const secret = inIstio('Secret', `istio-remote-secret-${name}`, { data: { [key]: 'x' } });
  return {
    ...secret,
    metadata: { ...secret.metadata, annotations: { 'networking.istio.io/cluster': name } },
  };
};

/** A step: its id with what comes before it, and per object what is live (undefined: nothing) and declared. */
export type Step = [text: string, changes: [before: KubeObject | undefined, after: KubeObject][]];

/** What the walk over these steps tells, as `SEVERITY CODE STEP`. Steps in `leftOut` are not selected. */
export function told(steps: Step[], options: { leftOut?: string[]; mesh?: ResolvedMesh } = {}): string[] {
  return diagnose(steps, options).map(
    ({ severity, code, message }) => `${severity} ${code} ${message.split(' ')[0]}`,
  );
}

export function diagnose(
  steps: Step[],
  { leftOut = [], mesh: whole = mesh }: { leftOut?: string[]; mesh?: ResolvedMesh } = {},
) {
  const objects = new Map<string, Observation>();
  const actions = steps.map(([text, changes]): DesiredAction => {
    const cluster = text.split('/')[0] ?? '';
    const items = changes.map(([before, object]): DesiredObject => {
      objects.set(addressOf(refOf(cluster, object)), seen(before, object));
      return { cluster, object };
    });
    return actionOf(text, { objects: items });
  });
  const observations = { objects, ours: new Map(), left: new Map(), unread: [], lost: new Map() };
  const plan: Plan = buildPlan({
    mesh: whole,
    actions,
    facts: fullFacts(whole),
    observations,
    foreign: new Map(),
    known: new Map(),
    diagnostics: [],
  });
  const selected = plan.actions.map((action) =>
    leftOut.includes(action.id)
      ? {
          ...action,
          change: 'noop' as const,
          objects: action.objects.map((object) => ({ ...object, change: 'noop' as const })),
        }
      : action,
  );
  return checkInvariants({ plan: { ...plan, actions: selected }, mesh: whole, actions, observations });
}

const seen = (before: KubeObject | undefined, after: KubeObject): Observation =>
  before ? { type: 'present', live: live(before), predicted: live(after), ours: true } : { type: 'absent' };
