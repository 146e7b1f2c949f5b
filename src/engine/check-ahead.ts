import type { DesiredAction, DesiredObject } from '../model/action.js';
import type { ObjectChecks } from '../model/checks.js';
import { type Crd, isCrd, kindKeyOf, kindsOf } from '../model/crd.js';
import type { Diagnostic } from '../model/diagnostic.js';
import type { Facts } from '../model/facts.js';
import { addressOf, refOf } from '../model/kube.js';
import { findUnknowns } from '../model/unknown.js';
import type { Observation } from '../observe/observe.js';

interface Input {
  checks: ObjectChecks;
  facts: Facts;
  actions: DesiredAction[];
  /** By address; what is found wrong becomes `invalid` in it. */
  observations: Map<string, Observation>;
}

/**
 * Checks what no API server could judge: objects whose kind is not served yet by the CRD of the same
 * plan, and objects of Istio's kinds by Istio's own validation, for istiod may not be there to give it.
 * So a wrong object stops the plan, and not an apply in its midst.
 * @returns warnings about objects that may be applied all the same.
 */
export async function checkAhead({ checks, facts, actions, observations }: Input): Promise<Diagnostic[]> {
  const objects = actions.flatMap((action) =>
    action.objects.map(
      (item): DesiredObject => ({ ...(action.source && { source: action.source }), ...item }),
    ),
  );
  const addressAt = ({ cluster, object }: DesiredObject) => addressOf(refOf(cluster, object));
  const istio = objects.filter((item) => isIstio(item) && isOpen(observations.get(addressAt(item))));
  const findings = await checks.istio(istio.map(({ object }) => object));
  const faults = new Map<string, string[]>();
  const crds = crdsOf(objects);
  for (const item of objects.filter((object) => isUnserved(object, facts))) {
    const crd = crds.get(`${item.cluster} ${kindKeyOf(item.object)}`);
    const found = crd ? await checks.againstCrd(crd, item.object) : [unservedKind(item)];
    if (found.length > 0) faults.set(addressAt(item), found);
  }
  for (const { severity, index, message } of findings) {
    const address = istio[index] && addressAt(istio[index]);
    if (severity !== 'error' || !address) continue;
    const found = faults.get(address) ?? [];
    // The schema has told of the field by its place already.
    if (found.length === 0 || !UNREADABLE.test(message)) faults.set(address, [...found, message]);
  }
  for (const [address, found] of faults)
    observations.set(address, { type: 'invalid', message: found.join('; '), declared: true });
  return findings.flatMap(({ severity, index, message }) => {
    const item = istio[index];
    return item && severity === 'warning' ? [warning(item, message)] : [];
  });
}

/** How Istio's validation begins where an object does not even fit its type. */
const UNREADABLE = /^cannot parse proto message/;

function crdsOf(objects: DesiredObject[]): Map<string, Crd> {
  return new Map(
    objects.flatMap(({ cluster, object }) =>
      isCrd(object) ? kindsOf(object).map((key) => [`${cluster} ${key}`, object] as const) : [],
    ),
  );
}

/** Of a kind that its cluster does not offer. What is still unknown in an object is right by construction. */
function isUnserved({ cluster, object }: DesiredObject, { clusters }: Facts): boolean {
  const facts = clusters[cluster];
  return (
    facts?.reachable === true &&
    !facts.resources.some(
      ({ apiVersion, kind }) => kind === object.kind && apiVersion === object.apiVersion,
    ) &&
    findUnknowns(object).length === 0
  );
}

const unservedKind = ({ object }: DesiredObject) =>
  `the cluster serves no ${object.kind} of ${object.apiVersion}, and no manifest for it brings the CustomResourceDefinition`;

const isIstio = ({ object }: DesiredObject) => /\.istio\.io\//.test(object.apiVersion);

/** To be written, and not refused already. */
function isOpen(seen: Observation | undefined): boolean {
  if (seen?.type === 'present') return seen.predicted !== seen.live;
  return seen?.type === 'absent' || seen?.type === 'unpredictable';
}

function warning({ cluster, object, source }: DesiredObject, message: string): Diagnostic {
  const address = addressOf(refOf(cluster, object));
  return {
    severity: 'warning',
    code: 'istio-warning',
    address,
    message: `${address}: ${message}`,
    hint: 'Istio takes the object as it is; see whether it means what you mean.',
    ...source,
  };
}
