import type { Findings } from '../findings.js';
import { keyPlaceOf, nodeAt, type Path, textAt } from '../yaml/source-node.js';
import { scalarAt } from './nodes.js';
import { isOfGroup, nameOf, type PlacedObject } from './placed-objects.js';

/** Fields of an IstioOperator that fail in a primary-remote mesh, with what to say. */
const TRAPS: { path: Path; message: string; hint: string }[] = [
  {
    path: ['spec', 'values', 'istiodRemote', 'injectionURL'],
    message:
      "istiod's certificate names no IP address, so the webhook fails; and without `/inject/cluster/NAME/net/NETWORK` pods take the primary's cluster name",
    hint: 'take it out: meshplan leads the webhook through Service istiod, or gives istiod the hostname, with the right path',
  },
  ...['values.pilot.replicaCount', 'components.pilot.k8s.replicaCount'].map((name) => ({
    path: ['spec', ...name.split('.')],
    message: 'an autoscaler is rendered beside it, whose floor stays 1: istiod goes down to one pod',
    hint: 'write `controlPlane.replicas`, which sets the floor, a PodDisruptionBudget and the spread',
  })),
];

/** Reports an IstioOperator among the manifests, and what of it would fail if it were installed as it stands. */
export function checkIstioOperator(item: PlacedObject, findings: Findings): void {
  if (!isOfGroup(item, 'install.istio.io', 'IstioOperator')) return;
  const { tree } = item;
  const name = nameOf(item);
  findings.lint('istio-operator', keyPlaceOf(tree, ['kind']), {
    subject: name,
    message:
      'no cluster reads an IstioOperator: it is input of `istioctl install`, and meshplan writes its own',
    hint: `take it out; move \`spec.meshConfig\` to \`spec.istio.meshConfig\`, and of \`spec.values\` what meshplan does not work out to \`spec.istio.values\` or \`clusters[].values\`${gatewayOf(item)}`,
  });
  if (lacksExternalIstiod(item)) {
    findings.lint('istio-operator', keyPlaceOf(tree, ['spec', 'values', 'global']), {
      subject: `${name}/spec.values.global.externalIstiod`,
      message:
        'without `externalIstiod: true` istiod does not lead in remotes: their webhook gets no caBundle, their namespaces no root certificate',
      hint: 'nothing to write: meshplan sets it on a primary that has remotes, and annotates their istio-system',
    });
  }
  for (const { path, message, hint } of TRAPS) {
    if (nodeAt(tree, path) === undefined) continue;
    findings.lint('istio-operator', keyPlaceOf(tree, path), {
      subject: `${name}/${path.join('.')}`,
      message,
      hint,
    });
  }
}

/** Profiles with istio-ingressgateway, which meshplan's profile `minimal` lacks; `default` is the default. */
const WITH_GATEWAY = new Set<unknown>(['default', 'demo', undefined]);

const gatewayOf = ({ tree }: PlacedObject): string =>
  WITH_GATEWAY.has(scalarAt(tree, ['spec', 'profile']))
    ? '; its istio-ingressgateway, where you need one, is a workload with manifests of its own'
    : '';

/** Whether it installs an istiod that is part of a multi-cluster mesh and does not say that remotes have none. */
function lacksExternalIstiod({ tree }: PlacedObject): boolean {
  const global = nodeAt(tree, ['spec', 'values', 'global']);
  const isMultiCluster = nodeAt(tree, ['spec', 'values', 'global', 'multiCluster']) !== undefined;
  return (
    isMultiCluster &&
    textAt(tree, ['spec', 'profile']) !== 'remote' &&
    scalarAt(global, ['externalIstiod']) !== true
  );
}
