import { KIALI_LABEL } from '../../model/kiali.js';
import { CACERTS_SECRET, EXPOSURE_SERVICE, ISTIO_NAMESPACE, READER_TOKEN_SECRET } from '../../model/names.js';
import type { Findings } from '../findings.js';
import { keyPlaceOf, nodeAt, placeOf, textAt } from '../yaml/source-node.js';
import { entriesAt } from './nodes.js';
import { nameOf, type PlacedObject } from './placed-objects.js';

/** What meshplan or istioctl's charts make in istio-system; `Kind/name`. */
const MADE_HERE = new Set([
  'Deployment/istiod',
  'HorizontalPodAutoscaler/istiod',
  'PodDisruptionBudget/istiod',
  'ServiceAccount/istiod',
  'ServiceAccount/istio-reader-service-account',
  'ConfigMap/istio',
  'ConfigMap/istio-sidecar-injector',
  'ConfigMap/values',
  'Service/istiod',
  `Service/${EXPOSURE_SERVICE}`,
  'EndpointSlice/istiod',
  'Endpoints/istiod',
]);

/** Webhooks by which istiod is asked, whatever the revision. */
const WEBHOOKS = /^(istio-sidecar-injector|istio-revision-tag-|istio-validator|istiod-default-validator)/;

/** Reports objects of manifests that are the control plane's own, or that open it to others. */
export function checkIstiodObject(item: PlacedObject, findings: Findings): void {
  if (item.object.kind === 'Secret') checkSecret(item, findings);
  else if (isMadeHere(item)) reportMadeHere(item, findings);
  else if (item.object.kind === 'Service') checkSelector(item, findings);
}

function isMadeHere({ object }: PlacedObject): boolean {
  const { kind, metadata } = object;
  if (kind.endsWith('WebhookConfiguration')) return WEBHOOKS.test(metadata.name);
  return metadata.namespace === ISTIO_NAMESPACE && MADE_HERE.has(`${kind}/${metadata.name}`);
}

function reportMadeHere(item: PlacedObject, findings: Findings): void {
  const { kind, metadata } = item.object;
  const isExposure = kind === 'Service' && metadata.name === EXPOSURE_SERVICE;
  const selector = selectsEveryRevision(item)
    ? '; this one selects istiod of every revision, for its selector lacks `istio.io/rev`'
    : '';
  findings.lint('managed-object', placeOf(item.tree, ['metadata', 'name']), {
    subject: nameOf(item),
    message: `meshplan makes ${kind} \`${metadata.name}\` itself, and would leave this one out${selector}`,
    hint: isExposure
      ? 'take it out: `controlPlane.exposure` says type, annotations, address and who may reach it'
      : 'take it out: `spec.istio` and `spec.controlPlane` decide it',
  });
}

/** Whether a Service of istio-system leads to istiod, of whichever revision. */
function selectsEveryRevision({ object, tree }: PlacedObject): boolean {
  if (object.metadata.namespace !== ISTIO_NAMESPACE) return false;
  const isIstiod =
    textAt(tree, ['spec', 'selector', 'app']) === 'istiod' ||
    textAt(tree, ['spec', 'selector', 'istio']) === 'pilot';
  return isIstiod && nodeAt(tree, ['spec', 'selector', 'istio.io/rev']) === undefined;
}

function checkSelector(item: PlacedObject, findings: Findings): void {
  if (!selectsEveryRevision(item)) return;
  findings.lint('istiod-selector', keyPlaceOf(item.tree, ['spec', 'selector']), {
    subject: nameOf(item),
    message:
      'this Service selects istiod of every revision, and shows it beside `istiod-external`, whatever `allowFrom` says',
    hint: 'take it out, for remotes use `istiod-external`; or add `istio.io/rev: default` to the selector',
  });
}

const REMOTE_SECRET = /^istio-remote-secret-|^istio-kubeconfig$/;

/** Keys in files are copied, committed and mailed; meshplan keeps its own out of them. No value is shown. */
function checkSecret(item: PlacedObject, findings: Findings): void {
  const { namespace, name } = item.object.metadata;
  const tell = (message: string, hint: string) =>
    findings.lint('key-in-manifest', placeOf(item.tree, ['metadata', 'name']), {
      subject: nameOf(item),
      message,
      hint,
    });
  if (name === READER_TOKEN_SECRET || REMOTE_SECRET.test(name) || isRemoteSecret(item)) {
    tell(
      `Secret \`${name}\` holds the credentials of a cluster in a file`,
      'take it out and delete its token: meshplan makes remote secrets itself, and renews them',
    );
  } else if (namespace === ISTIO_NAMESPACE && (name === CACERTS_SECRET || holdsCaKey(item))) {
    tell(
      `Secret \`${name}\` holds the private key of a CA in a file: who reads it can be every workload of the mesh`,
      'take it out: `trust.ca` makes `cacerts` in each cluster; for a root of your own see `trust.ca.source: files`, for Secrets that are there `source: secret`',
    );
  }
}

/** By these labels istiod and Kiali find the credentials of clusters. */
const isRemoteSecret = ({ tree }: PlacedObject) =>
  ['istio/multiCluster', KIALI_LABEL].some((label) => textAt(tree, ['metadata', 'labels', label]) === 'true');

const holdsCaKey = ({ tree }: PlacedObject) =>
  ['data', 'stringData'].some((part) => entriesAt(tree, [part]).some(([key]) => key === 'ca-key.pem'));
