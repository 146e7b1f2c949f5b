const LONGEST = 63;

/** Whether a text may be the mesh ID: a DNS label. */
export const isMeshName = (text: string): boolean => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text);

/**
 * A short name for each context that may stand in mesh.yaml: a DNS label other than `all`. Clouds and
 * installers make contexts of many forms: `arn:aws:eks:REGION:ACCOUNT:cluster/NAME`, `gke_PROJECT_ZONE_NAME`,
 * `USER@CLUSTER`, `PROJECT/HOST:PORT/USER`.
 */
export function shortNames(contexts: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  contexts.forEach((context, index) => {
    const name = free(labelOf(tellingPart(context)) || `cluster-${index + 1}`, taken);
    taken.add(name);
    names.set(context, name);
  });
  return names;
}

function tellingPart(context: string): string {
  const openshift = /^[^/]+\/([^/:]+):\d+\/[^/]+$/.exec(context)?.[1];
  if (openshift !== undefined) return openshift;
  const gke = /^gke_[^_]+_[^_]+_(.+)$/.exec(context)?.[1];
  if (gke !== undefined) return gke;
  return context.split(/[/@]/).at(-1) ?? context;
}

const labelOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, '');

function free(name: string, taken: ReadonlySet<string>): string {
  if (name !== 'all' && !taken.has(name)) return name;
  for (let number = 2; ; number += 1) {
    const suffix = `-${number}`;
    const longer = `${name.slice(0, LONGEST - suffix.length)}${suffix}`;
    if (!taken.has(longer)) return longer;
  }
}
