import { authorOf, foreignOwner } from '../diff/ownership.js';
import type { DriftEntry, DriftRule } from '../model/drift.js';
import { addressOf, type KubeObject, parseAddress, refOf, secretTexts } from '../model/kube.js';
import { FIELD_MANAGER } from '../model/names.js';
import type { ResolvedCluster } from '../model/resolved-mesh.js';
import { signed } from '../plan/drift.js';
import type { DriftInput } from './input.js';

/** Authorities and trust anchors that are not what the mesh agreed on, or will not be for long. */
export function trustDrift(given: DriftInput): DriftEntry[] {
  const root = given.root ?? rootOfPrimary(given);
  const input = root ? { ...given, root } : given;
  return [...input.mesh.clusters.flatMap((cluster) => authorityDrift(input, cluster)), ...bundleDrift(input)];
}

/** Where nobody knows the mesh's root, such as with Secrets that the user brings: that of the first primary. */
function rootOfPrimary(input: DriftInput): string | undefined {
  const primary = input.mesh.clusters.find((cluster) => cluster.role === 'primary');
  const secret = primary && input.meaning.clusters.get(primary.name)?.cacerts;
  return fingerprints(input, secretTexts(secret)['root-cert.pem'])[0];
}

const ENDS: Record<string, string> = {
  'renewal-due': 'An apply renews it.',
  'root-renewal-due': 'Prepare a new root while this one is valid.',
  expired: 'Connections fail until it is renewed.',
};

function authorityDrift(input: DriftInput, { name, role }: ResolvedCluster): DriftEntry[] {
  const secret = input.meaning.clusters.get(name)?.cacerts;
  if (!secret || (role === 'remote' && !input.mesh.trust.remoteKeys)) return [];
  const texts = secretTexts(secret);
  const entry = (rule: DriftRule, message: string, file: string): DriftEntry => ({
    address: addressOf(refOf(name, secret)),
    lens: 'meaning',
    rule,
    patch: [],
    ...signed(foreignOwner(secret, `/data/${file}`, FIELD_MANAGER) ?? authorOf(secret)),
    message,
  });
  const roots = fingerprints(input, texts['root-cert.pem']);
  if (input.root && roots.length > 0 && !roots.includes(input.root)) {
    const [found = ''] = roots;
    const message = `its root is ${short(found)}, and that of the mesh ${short(input.root)}: workloads here trust no other cluster`;
    return [entry('root-replaced', message, 'root-cert.pem')];
  }
  return input.certificates.check(texts).problems.map(({ code, message }) => {
    const end = ENDS[code];
    return end
      ? entry('certificate-ends', `${message}. ${end}`, 'ca-cert.pem')
      : entry('ca-broken', `istiod cannot use it: ${message}`, 'ca-cert.pem');
  });
}

interface Webhook {
  name?: string;
  clientConfig?: { caBundle?: string };
}

/** Webhooks of ours by which an API server trusts another root than the mesh's. */
function bundleDrift(input: DriftInput): DriftEntry[] {
  return [...input.observations].flatMap(([address, seen]) => {
    const kind = parseAddress(address)?.kind ?? '';
    if (!kind.endsWith('WebhookConfiguration') || !('live' in seen)) return [];
    const webhooks = (seen.live.webhooks ?? []) as Webhook[];
    const index = webhooks.findIndex((webhook) => isForeign(input, kind, webhook));
    if (index < 0) return [];
    return [bundleEntry(address, seen.live, index, webhooks[index]?.clientConfig?.caBundle)];
  });
}

/** istiod writes the validator's a while after its start, so an empty one there means nothing. */
function isForeign({ root, certificates }: DriftInput, kind: string, { clientConfig }: Webhook): boolean {
  if (!root) return false;
  const bundle = clientConfig?.caBundle;
  if (!bundle) return kind.startsWith('Mutating');
  return !fingerprints({ certificates }, Buffer.from(bundle, 'base64').toString('utf8')).includes(root);
}

function bundleEntry(
  address: string,
  live: KubeObject,
  index: number,
  bundle: string | undefined,
): DriftEntry {
  const pointer = `/webhooks/${index}/clientConfig/caBundle`;
  const what = bundle ? 'is not the root of the mesh' : 'is empty';
  return {
    address,
    lens: 'meaning',
    rule: 'ca-bundle',
    patch: [],
    ...signed(foreignOwner(live, pointer, FIELD_MANAGER)),
    message: `${pointer} ${what}: the API server cannot verify istiod, and new pods are refused`,
  };
}

/** Empty where the text holds no certificate that can be read. */
function fingerprints({ certificates }: Pick<DriftInput, 'certificates'>, pem: string | undefined): string[] {
  try {
    return pem ? certificates.fingerprintsIn(pem) : [];
  } catch {
    return [];
  }
}

/** Enough of a fingerprint for a person to compare two. */
const short = (fingerprint: string) => `sha256:${fingerprint.slice(0, 16)}…`;
