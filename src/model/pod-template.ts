import { isMap } from './json.js';
import type { KubeObject } from './kube.js';

/** What a pod is made of, as far as meshplan looks at it. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: { hostNetwork?: boolean; containers?: Container[]; initContainers?: Container[] };
}

interface Container {
  ports?: { name?: string }[];
  [field: string]: unknown;
}

/** What an object makes its pods of, or the pod itself; undefined for objects that make none. */
export function templateOf(object: KubeObject): PodTemplate | undefined {
  if (object.kind === 'Pod') return object as PodTemplate;
  const { template, jobTemplate } = mapOf(object.spec);
  const found = object.kind === 'CronJob' ? mapOf(mapOf(jobTemplate).spec).template : template;
  // Other kinds have templates too: that of a SealedSecret is one of a Secret, that of a MachineDeployment of nodes.
  return Array.isArray(mapOf(mapOf(found).spec).containers) ? (found as PodTemplate) : undefined;
}

const mapOf = (value: unknown) => (isMap(value) ? value : {});
