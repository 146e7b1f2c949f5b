import { isOwnedBy } from '../diff/ownership.js';
import type { KubeObject } from '../model/kube.js';

/**
 * The desired object without the fields that istiod or a controller owns, so that an apply leaves them as they
 * are (istio#52785, istio#25447). Left out, a field stays with its owner; a copy of today's value could set
 * back tomorrow's.
 *
 * - webhooks: `failurePolicy` where istiod has flipped what the charts render; `caBundle` is never declared.
 * - a Deployment's `replicas` where a HorizontalPodAutoscaler is known to be set on it (`autoscaled`), or changes
 *   it through the scale subresource.
 */
export function keepControllerFields(object: KubeObject, live: KubeObject, autoscaled = false): KubeObject {
  if (object.kind === 'ValidatingWebhookConfiguration' || object.kind === 'MutatingWebhookConfiguration') {
    return keepWebhookFields(object, live);
  }
  if (object.kind === 'Deployment' && (autoscaled || isAutoscaled(live))) return withoutReplicas(object);
  return object;
}

interface Webhook {
  name: string;
  failurePolicy?: string;
  [field: string]: unknown;
}

const ISTIOD = 'pilot-discovery';

/** What istiod has flipped is its own until somebody else writes it: then it is as declared again. */
function keepWebhookFields(object: KubeObject, live: KubeObject): KubeObject {
  const flipped = new Set(
    ((live.webhooks ?? []) as Webhook[])
      .filter((_, index) => isOwnedBy(live, `/webhooks/${index}/failurePolicy`, ISTIOD))
      .map(({ name }) => name),
  );
  if (flipped.size === 0) return object;
  const webhooks = (object.webhooks as Webhook[] | undefined)?.map((webhook) => {
    const { failurePolicy: _, ...rest } = webhook;
    return flipped.has(webhook.name) ? rest : webhook;
  });
  return { ...object, webhooks };
}

/** The autoscaler writes through the scale subresource, which managedFields records. */
const isAutoscaled = (live: KubeObject) =>
  (live.metadata.managedFields ?? []).some(
    ({ subresource, manager, fieldsV1 }) =>
      subresource === 'scale' &&
      manager === 'kube-controller-manager' &&
      'f:replicas' in ((fieldsV1?.['f:spec'] ?? {}) as object),
  );

function withoutReplicas(object: KubeObject): KubeObject {
  const { replicas: _, ...spec } = object.spec as Record<string, unknown>;
  return { ...object, spec };
}
