import type { KubeObject } from './kube.js';

/** The parts of a CustomResourceDefinition that meshplan reads. */
export interface Crd extends KubeObject {
  spec: {
    group: string;
    names: { kind: string; plural: string };
    scope?: string;
    versions: { name: string; served?: boolean; schema?: { openAPIV3Schema?: Record<string, unknown> } }[];
  };
}

/** Whether an object is a CustomResourceDefinition with what names its kind; any other says nothing yet. */
export function isCrd(object: KubeObject): object is Crd {
  if (object.kind !== 'CustomResourceDefinition') return false;
  const { group, names, versions } = (object.spec ?? {}) as Partial<Crd['spec']>;
  return typeof group === 'string' && typeof names?.kind === 'string' && Array.isArray(versions);
}

/** `GROUP/VERSION KIND` of each version that a CRD brings. */
export const kindsOf = ({ spec }: Crd): string[] =>
  spec.versions.map(({ name }) => `${spec.group}/${name} ${spec.names.kind}`);

/** The same for an object. */
export const kindKeyOf = ({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): string =>
  `${apiVersion} ${kind}`;
