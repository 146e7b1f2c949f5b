import type { Diagnostic } from '../model/diagnostic.js';
import type { KubeObject } from '../model/kube.js';
import { INJECTOR_WEBHOOK, TAG_WEBHOOK } from '../model/names.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';

interface Service {
  namespace?: string;
  name?: string;
  path?: string;
}

/** Where an injector sends its requests: a URL, or a Service with its path. */
export function targetOf(injector: KubeObject): string {
  const [webhook] = (injector.webhooks ?? []) as { clientConfig?: { url?: string; service?: Service } }[];
  const { url, service } = webhook?.clientConfig ?? {};
  return url ?? `Service ${service?.namespace}/${service?.name}${service?.path ?? ''}`;
}

/** Clusters in which istioctl's injector would answer for the same pods, in the way that it was made with. */
export function tagInjectorFindings(
  { clusters }: ResolvedMesh,
  installed: ReadonlyMap<string, { tagInjector?: string } | undefined>,
): Diagnostic[] {
  return clusters.flatMap(({ name, context, source }) => {
    const target = installed.get(name)?.tagInjector;
    if (target === undefined) return [];
    return [
      {
        severity: 'warning' as const,
        code: 'second-injector',
        message: `cluster ${name}: MutatingWebhookConfiguration ${TAG_WEBHOOK}, which istioctl makes, injects beside ${INJECTOR_WEBHOOK} and asks ${target}; where that does not answer, pods are refused`,
        hint: `Remove it: kubectl --context ${context} delete mutatingwebhookconfiguration ${TAG_WEBHOOK}`,
        ...source,
      },
    ];
  });
}
