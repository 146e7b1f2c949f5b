import { isMap, type JsonMap } from './json.js';
import type { KubeObject } from './kube.js';

/** What a pod is made of, as far as meshplan looks at it. */
export interface PodTemplate {
  metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  spec?: { hostNetwork?: boolean };
}

/** What an object makes its pods of, or the pod itself; undefined for objects that make none. */
export function templateOf(object: KubeObject): PodTemplate | undefined {
  if (object.kind === 'Pod') return templateIn(object);
  const { template, jobTemplate } = mapOf(object.spec);
  const found = mapOf(object.kind === 'CronJob' ? mapOf(mapOf(jobTemplate).spec).template : template);
  // Other kinds have templates too: that of a SealedSecret is one of a Secret, that of a MachineDeployment of nodes.
  return Array.isArray(mapOf(found.spec).containers) ? templateIn(found) : undefined;
}

/** A manifest may hold anything; what is no pod's the API server tells. */
const templateIn = ({ metadata, spec }: JsonMap | KubeObject): PodTemplate => ({
  metadata: mapOf(metadata),
  spec: mapOf(spec),
});

/** The names of the ports of its containers. */
export function portNamesOf({ spec }: PodTemplate): string[] {
  const { containers, initContainers } = mapOf(spec);
  return [containers, initContainers]
    .flatMap(mapsIn)
    .flatMap(({ ports }) => mapsIn(ports))
    .flatMap(({ name }) => (typeof name === 'string' ? name : []));
}

const mapOf = (value: unknown): JsonMap => (isMap(value) ? value : {});

const mapsIn = (value: unknown): JsonMap[] => (Array.isArray(value) ? value.filter(isMap) : []);
