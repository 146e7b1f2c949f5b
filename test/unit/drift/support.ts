import type { DriftInput } from '../../../src/drift/input.js';
import type { DesiredAction } from '../../../src/model/action.js';
import type { KubeObject, ManagedFieldsEntry } from '../../../src/model/kube.js';
import { addressOf, refOf } from '../../../src/model/kube.js';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import type { ClusterMeaning } from '../../../src/observe/meaning.js';
import type { Observation } from '../../../src/observe/observe.js';
import { clusterOf, fullFacts, meshOf } from '../compile/support.js';

export const AT = '2026-02-01T10:00:00Z';
export const mesh: ResolvedMesh = meshOf([clusterOf('one', 'one'), clusterOf('two', 'one')]);

/** Certificates are texts here: each is its own fingerprint, and one that says so is near its end. */
const certificates: DriftInput['certificates'] = {
  fingerprintsIn: (bundle) => bundle.split('\n').filter(Boolean),
  check: ({ 'ca-cert.pem': ca = '' }) => ({
    problems: ca === 'ending' ? [{ code: 'renewal-due', message: 'CN=x ends soon' }] : [],
  }),
};

interface Scene {
  mesh?: ResolvedMesh;
  actions?: DesiredAction[];
  /** Live objects that are declared. */
  live?: [cluster: string, object: KubeObject][];
  meaning?: Record<string, Partial<ClusterMeaning>>;
  rest?: Partial<DriftInput>;
}

export function inputOf(scene: Scene): DriftInput {
  const observations = new Map<string, Observation>(
    (scene.live ?? []).map(([cluster, object]) => [
      addressOf(refOf(cluster, object)),
      { type: 'present', live: object, predicted: object, ours: true },
    ]),
  );
  const declared = scene.mesh ?? mesh;
  return {
    mesh: declared,
    facts: fullFacts(declared),
    actions: scene.actions ?? [],
    observations,
    meaning: {
      clusters: new Map(
        Object.entries(scene.meaning ?? {}).map(([name, part]) => [
          name,
          { remoteSecrets: [], rules: [], ...part },
        ]),
      ),
      scaled: new Map(),
      unread: [],
    },
    sync: [],
    fenced: [],
    certificates,
    root: 'root',
    now: new Date('2026-02-02T00:00:00Z'),
    ...scene.rest,
  };
}

export const by = (manager: string, rest: Partial<ManagedFieldsEntry> = {}): ManagedFieldsEntry => ({
  manager,
  operation: 'Update',
  time: AT,
  fieldsV1: {},
  ...rest,
});

export function secret(
  name: string,
  data: Record<string, string>,
  ...managedFields: ManagedFieldsEntry[]
): KubeObject {
  const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'istio-system', managedFields },
    data: Object.fromEntries(encoded),
  };
}

/** `rule address by` of each entry. */
export const told = (entries: { rule: string; address: string; by?: string }[]) =>
  entries.map((entry) => [entry.rule, entry.address, entry.by ?? ''].join(' ').trim());
