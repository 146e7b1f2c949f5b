import type { AnalysisMessage } from '../model/analysis.js';
import { addressOf } from '../model/kube.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';

/** The API versions of the kinds that `istioctl analyze` speaks of, which it names without. */
const VERSIONS: Record<string, string> = {
  ...named('v1', 'ConfigMap', 'Namespace', 'Node', 'Pod', 'Secret', 'Service'),
  ...named('apps/v1', 'DaemonSet', 'Deployment', 'StatefulSet'),
  ...named(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'ValidatingWebhookConfiguration',
  ),
  ...named('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
  ...named(
    'networking.istio.io/v1',
    'DestinationRule',
    'Gateway',
    'ServiceEntry',
    'Sidecar',
    'VirtualService',
  ),
  ...named('networking.istio.io/v1', 'WorkloadEntry', 'WorkloadGroup'),
  ...named('networking.istio.io/v1alpha3', 'EnvoyFilter'),
  ...named('networking.istio.io/v1beta1', 'ProxyConfig'),
  ...named('security.istio.io/v1', 'AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'),
  ...named('telemetry.istio.io/v1', 'Telemetry'),
  ...named('extensions.istio.io/v1alpha1', 'WasmPlugin'),
};

function named(version: string, ...kinds: string[]): Record<string, string> {
  return Object.fromEntries(kinds.map((kind) => [kind, version]));
}

/** A message with what it says in our terms. */
export interface AnalysisFinding {
  /** The object's address, or the cluster alone where Istio names no object. */
  address: string;
  code: string;
  message: string;
  level: 'Error' | 'Warning';
  documentationUrl?: string;
}

/** What is told of an analysis, and how many of its messages are left to the lint rule `empty-subset`. */
export interface AnalysisReading {
  findings: AnalysisFinding[];
  declaredEmpty: number;
}

/** A subset that selects no pods. */
const EMPTY_SUBSET = 'IST0173';

/** Of a namespace that mesh.yaml does not declare, only Istio's configuration concerns the mesh. */
const isIstioKind = (kind: string) => VERSIONS[kind]?.includes('.istio.io/') ?? false;

/**
 * The messages that concern the mesh: all of what is in declared namespaces; of others Istio's configuration alone.
 * Empty subsets that mesh.yaml declares are `empty-subset`'s, whose
 * severity and waivers hold.
 */
export function readAnalysis(messages: AnalysisMessage[], mesh: ResolvedMesh): AnalysisReading {
  const declared = new Set(mesh.namespaces.map(({ name }) => name));
  const brought = broughtVersions(mesh);
  const rules = declaredRules(mesh);
  const reading: AnalysisReading = { findings: [], declaredEmpty: 0 };
  for (const message of messages) {
    if (message.level === 'Info') continue;
    const { kind, namespace, name } = originOf(message.origin);
    const home = kind === 'Namespace' ? name : namespace;
    if (message.code === EMPTY_SUBSET && rules.has(`${namespace}/${name}`)) {
      reading.declaredEmpty += 1;
      continue;
    }
    const isOurs = home === undefined || declared.has(home);
    if (!isOurs && !isIstioKind(kind ?? '')) continue;
    const { code, level, documentationUrl } = message;
    reading.findings.push({
      address: addressIn(message.cluster, { kind, namespace, name }, brought),
      code,
      message: message.message,
      level,
      ...(documentationUrl ? { documentationUrl: documentationUrl.replace(/\?.*$/, '') } : {}),
    });
  }
  return reading;
}

/** The API versions in which manifests write their objects, by `cluster Kind/namespace/name`. */
function broughtVersions({ workloads }: ResolvedMesh): Map<string, string> {
  const placed = workloads.flatMap(({ objects }) => [...objects]);
  return new Map(
    placed.flatMap(([cluster, items]) =>
      items.map(({ object }) => {
        const { namespace, name } = object.metadata;
        return [keyOf(cluster, { kind: object.kind, namespace, name }), object.apiVersion] as const;
      }),
    ),
  );
}

/** DestinationRules that mesh.yaml makes, and those of its manifests; `namespace/name`. */
function declaredRules({ traffic, workloads }: ResolvedMesh): Set<string> {
  const made = traffic.map(({ host, namespace }) => `${namespace}/${host.split('.')[0]}`);
  const brought = workloads
    .flatMap(({ objects }) => [...objects.values()].flat())
    .filter(({ object }) => object.kind === 'DestinationRule')
    .map(({ object }) => `${object.metadata.namespace}/${object.metadata.name}`);
  return new Set([...made, ...brought]);
}

interface Origin {
  kind?: string | undefined;
  namespace?: string | undefined;
  name?: string | undefined;
}

/** Takes `VirtualService production/backend` and `Namespace production` apart. */
function originOf(origin: string | undefined): Origin {
  const [, kind, namespace, name] = /^(\S+) (?:([^/\s]+)\/)?(\S+)$/.exec(origin ?? '') ?? [];
  return { kind, namespace, name };
}

const keyOf = (cluster: string, { kind, namespace, name }: Origin) =>
  `${cluster} ${kind}/${namespace ?? ''}/${name}`;

/** Istio names no API version: it is that of the manifest, else the one that Istio stores. */
function addressIn(cluster: string, origin: Origin, brought: ReadonlyMap<string, string>): string {
  const { kind, namespace, name } = origin;
  if (!kind || !name) return cluster;
  const apiVersion = brought.get(keyOf(cluster, origin)) ?? VERSIONS[kind] ?? '';
  return addressOf({ cluster, apiVersion, kind, name, ...(namespace ? { namespace } : {}) });
}
