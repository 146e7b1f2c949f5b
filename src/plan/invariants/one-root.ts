import type { KubeObject } from '../../model/kube.js';
import { CACERTS_SECRET, INJECTOR_WEBHOOK } from '../../model/names.js';
import type { ResolvedMesh } from '../../model/resolved-mesh.js';
import type { Invariant, Violation } from './invariant.js';
import type { PredictedState } from './state.js';

const CACERTS = `Secret/${CACERTS_SECRET}`;
const INJECTOR = `MutatingWebhookConfiguration/${INJECTOR_WEBHOOK}`;
const ISTIOD = 'Deployment/istiod';

/** Workloads trust each other by one root, so all authorities have to share one at every moment. */
export const oneRoot: Invariant = {
  code: 'invariant-one-root',
  concerns: new RegExp(`^(${CACERTS}|${INJECTOR}|${ISTIOD})$`),
  violations: (state, mesh) => [...differing(state, mesh), ...missing(state, mesh), ...bundles(state, mesh)],
};

const fatal = { severity: 'error', passing: false } as const;

function differing(state: PredictedState, { clusters }: ResolvedMesh): Violation[] {
  const known = clusters.flatMap(({ name }) => {
    const roots = rootsOf(state, name);
    return roots ? [{ name, roots }] : [];
  });
  return known.flatMap((one, index) =>
    known.slice(index + 1).flatMap((other) =>
      shareOne(one.roots, other.roots)
        ? []
        : [
            {
              ...fatal,
              subject: `${one.name} ${other.name}`,
              what: `the authorities of ${one.name} and ${other.name} have different roots, so their workloads refuse each other's certificates`,
              hint: 'Give all clusters the new root in one apply, with both roots in root-cert.pem while it goes on.',
            },
          ],
    ),
  );
}

/** Without its Secret istiod makes a root of its own when it starts. */
function missing(state: PredictedState, { clusters, trust }: ResolvedMesh): Violation[] {
  // With `source: secret` the Secret is the user's, and looked at with the facts.
  if (trust.source === 'secret') return [];
  return clusters.flatMap(({ name, role }) => {
    const istiod = state.get(name, ISTIOD);
    if (role === 'remote' || !istiod || state.isDark(name)) return [];
    const cacerts = state.get(name, CACERTS);
    if (cacerts && state.isSooner(cacerts, istiod)) return [];
    return [
      {
        ...fatal,
        subject: `${name} alone`,
        what: `istiod of ${name} would start without Secret istio-system/cacerts and make a root of its own, which no other cluster trusts`,
        hint: `Let ${name}/trust be part of the apply, before ${name}/control-plane.`,
      },
    ];
  });
}

/** A caBundle that the values set; where they set none, istiod puts its own in. */
function bundles(state: PredictedState, { clusters }: ResolvedMesh): Violation[] {
  return clusters.flatMap(({ name, primary }) => {
    const roots = rootsOf(state, primary);
    const { webhooks } = (state.get(name, INJECTOR)?.declared ?? {}) as {
      webhooks?: { clientConfig?: { caBundle?: unknown } }[];
    };
    const texts = (webhooks ?? []).flatMap(({ clientConfig }) => decoded(clientConfig?.caBundle));
    if (!roots || texts.every((text) => shareOne(certificatesIn(text), roots))) return [];
    return [
      {
        ...fatal,
        subject: `${name} bundle`,
        what: `the caBundle that the values set for the injection webhook of ${name} does not hold the root of ${primary}, so no pod of an injected namespace could be created`,
        hint: 'Leave the caBundle out of the values: istiod puts the right one in.',
      },
    ];
  });
}

const cache = new WeakMap<KubeObject, string[]>();

/** The roots of a cluster's authority; undefined where there is none, or it is not known yet. */
function rootsOf(state: PredictedState, cluster: string): string[] | undefined {
  const object = state.get(cluster, CACERTS)?.object;
  if (!object) return undefined;
  const roots = cache.get(object) ?? readRoots(object);
  cache.set(object, roots);
  return roots.length > 0 ? roots : undefined;
}

const readRoots = ({ data }: KubeObject): string[] =>
  decoded((data as Record<string, unknown> | undefined)?.['root-cert.pem']).flatMap(certificatesIn);

const decoded = (value: unknown): string[] =>
  typeof value === 'string' && value !== '' ? [Buffer.from(value, 'base64').toString('utf8')] : [];

/** The bodies of the certificates in a PEM text, without line ends, so that equal ones are equal. */
const certificatesIn = (pem: string): string[] =>
  [...pem.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g)].map(([, body]) =>
    (body ?? '').replaceAll(/\s/g, ''),
  );

const shareOne = (some: string[], others: string[]) => some.some((item) => others.includes(item));
