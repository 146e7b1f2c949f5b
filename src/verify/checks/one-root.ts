import type { KubeObject } from '../../model/kube.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import { certificatesIn, fingerprintOf, leadsToAny, secretText, shortFingerprint } from '../certificates.js';
import { primariesOf, type VerifyContext } from '../context.js';
import { ISTIO_NAMESPACE, PATHS, ROOT_CONFIG_MAP } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass, unsettled } from '../outcome.js';

/** One place that holds the root, and what it holds; empty where it holds none yet. */
export interface RootCopy {
  where: string;
  fingerprints: string[];
  /** What else is wrong with it. */
  fault?: string;
  /** How to mend an absent or foreign copy. */
  hint: string;
}

const HINTS = {
  cacerts: 'Run `meshplan apply`: every cluster of a mesh needs an intermediate of the same root.',
  istiod:
    'istiod has not written it. For a remote it does so only with externalIstiod on the primary and the annotation topology.istio.io/controlPlaneClusters on istio-system; after a change of either, restart istiod.',
};

/** Per cluster: all that holds the mesh's root holds the same one. */
export function oneRoot(context: VerifyContext): CheckSpec[] {
  return context.mesh.clusters.map((cluster) => ({
    id: 'one-root',
    cluster: cluster.name,
    claim: `everything in ${cluster.name} trusts the root of the mesh`,
    needs: [cluster.name, referencePrimary(context, cluster)],
    async run() {
      const reference = await rootOf(context, referencePrimary(context, cluster));
      return judgeRoots(reference, await copiesIn(context, cluster));
    },
  }));
}

/** One primary's root is the measure for all clusters, so that two primaries cannot disagree unseen. */
function referencePrimary(context: VerifyContext, cluster: ResolvedCluster): string {
  const reachable = primariesOf(context.mesh).find(({ name }) => context.probes.get(name)?.reachable);
  return reachable?.name ?? cluster.primary;
}

/** Fingerprints of the root certificates in a primary's Secret cacerts. */
async function rootOf(context: VerifyContext, primary: string): Promise<string[]> {
  const secret = await context.read(primary, PATHS.cacerts);
  return fingerprintsIn(secretText(secret?.data, 'root-cert.pem'), `Secret cacerts of ${primary}`);
}

const fingerprintsIn = (pem: string | undefined, where: string) =>
  certificatesIn(pem ?? '', where)
    .map(fingerprintOf)
    .sort();

async function copiesIn(context: VerifyContext, cluster: ResolvedCluster): Promise<RootCopy[]> {
  const declared = context.mesh.namespaces.filter((item) => item.clusters.includes(cluster.name));
  const namespaces = [...new Set([ISTIO_NAMESPACE, ...declared.map((item) => item.name)])];
  const [cacerts, injector, ...configMaps] = await Promise.all([
    context.read(cluster.name, PATHS.cacerts),
    context.read(cluster.name, PATHS.injector),
    ...namespaces.map((namespace) => context.read(cluster.name, PATHS.rootConfigMap(namespace))),
  ]);
  return [
    ...cacertsCopies(cacerts, cluster.role === 'primary'),
    ...webhookCopies(injector),
    ...configMaps.map((configMap, index) => configMapCopy(configMap, namespaces[index] ?? '')),
  ];
}

/** A remote may go without the Secret (`trust.ca.remoteKeys: false`). */
function cacertsCopies(secret: KubeObject | undefined, isRequired: boolean): RootCopy[] {
  if (!secret && !isRequired) return [];
  const where = 'Secret cacerts';
  const certificatesOf = (key: string) => certificatesIn(secretText(secret?.data, key) ?? '', where);
  const roots = certificatesOf('root-cert.pem');
  const [intermediate] = certificatesOf('ca-cert.pem');
  const copy = { where, fingerprints: roots.map(fingerprintOf).sort(), hint: HINTS.cacerts };
  // An intermediate of another root fails every handshake, however well the root files agree.
  const isSound = !intermediate || leadsToAny(intermediate, certificatesOf('cert-chain.pem'), roots);
  return [isSound ? copy : { ...copy, fault: 'a ca-cert.pem that does not lead to its root' }];
}

function webhookCopies(injector: KubeObject | undefined): RootCopy[] {
  const webhooks = (injector?.webhooks ?? []) as { name?: string; clientConfig?: { caBundle?: string } }[];
  if (webhooks.length === 0) {
    const where = 'MutatingWebhookConfiguration istio-sidecar-injector';
    return [{ where, fingerprints: [], hint: 'Run `meshplan apply`: the injector is missing.' }];
  }
  const copies = webhooks.map(({ name, clientConfig }) => {
    const where = `caBundle of webhook ${name}`;
    const pem = secretText(clientConfig, 'caBundle');
    return { where, fingerprints: fingerprintsIn(pem, where), hint: HINTS.istiod };
  });
  const [first, ...others] = copies;
  const agree = others.every((copy) => copy.fingerprints.join() === first?.fingerprints.join());
  return first && agree ? [{ ...first, where: `caBundle of ${copies.length} webhooks` }] : copies;
}

function configMapCopy(configMap: KubeObject | undefined, namespace: string): RootCopy {
  const where = `ConfigMap ${ROOT_CONFIG_MAP} of ${namespace}`;
  const pem = (configMap?.data as Record<string, string> | undefined)?.['root-cert.pem'];
  return { where, fingerprints: fingerprintsIn(pem, where), hint: HINTS.istiod };
}

/** Judges all copies against the root. Bundles of two roots, during a rotation, must be equal too. */
export function judgeRoots(root: string[], copies: RootCopy[]): Outcome {
  if (root.length === 0) return fail("the primary's Secret cacerts holds no root", HINTS.cacerts);
  const name = root.map(shortFingerprint).join(' + ');
  const absent = copies.filter((copy) => copy.fingerprints.length === 0);
  const foreign = copies.filter(
    (copy) => copy.fault || (copy.fingerprints.length > 0 && copy.fingerprints.join() !== root.join()),
  );
  const [first] = [...foreign, ...absent];
  if (!first) return pass(`${name} in ${copies.map((copy) => copy.where).join(', ')}`);
  const findings = [
    ...foreign.map((copy) => `${copy.where} has ${describeCopy(copy)}`),
    ...absent.map((copy) => `${copy.where} has none`),
  ];
  const outcome = fail(`the root is ${name}; ${findings.join('; ')}`, first.hint);
  return foreign.length === 0 ? unsettled(outcome) : outcome;
}

function describeCopy({ fingerprints, fault }: RootCopy): string {
  const roots = fingerprints.map(shortFingerprint).join(' + ');
  return fault ? `${roots} and ${fault}` : roots;
}
