import type { Diagnostic } from '../model/diagnostic.js';
import { keyOf, type LintNeeds } from '../model/lint.js';
import type { ResolvedMesh, ResolvedTraffic } from '../model/resolved-mesh.js';
import { CLUSTER_SUFFIX, hostOfService, selectorOf } from '../model/service.js';
import { LINT_RULES, type LintRule } from './rules.js';

/** Rules whose findings hang on the pods behind a host. */
const ABOUT_PODS = new Set<string>(['empty-subset', 'empty-service', 'empty-region'] satisfies LintRule[]);

/**
 * What has to be asked so that the live rules can judge, and so that findings of the others can be proven wrong.
 * A mesh without traffic rules and without such findings asks nothing.
 */
export function lintNeeds(mesh: ResolvedMesh, found: readonly Diagnostic[]): LintNeeds {
  const isOn = (rule: LintRule) => (mesh.lint.severities[rule] ?? LINT_RULES[rule]) !== 'off';
  const all = mesh.clusters.map(({ name }) => name);
  const primaries = mesh.clusters.flatMap(({ name, role }) => (role === 'primary' ? [name] : []));
  const wanted = found.filter(({ code }) => isOn(code as LintRule));
  const needsNodes = isOn('node-region') || wanted.some(({ code }) => code === 'unknown-region');
  const hosts = new Set(wanted.flatMap((item) => (ABOUT_PODS.has(item.code) ? [hostOf(item)] : [])));
  return {
    rules: mesh.traffic.length > 0 && isOn('foreign-rule') ? primaries : [],
    nodes: needsNodes && mesh.traffic.some(isByRegion) ? all : [],
    services: [
      ...new Map(wanted.flatMap((item) => servicesFor(item, all)).map((ref) => [keyOf(ref), ref])).values(),
    ],
    pods: [...hosts].flatMap((host) => {
      const selector = selectorFor(mesh, host);
      return selector === undefined ? [] : all.map((cluster) => ({ cluster, host, selector }));
    }),
  };
}

export const isByRegion = ({ failover, distribute }: ResolvedTraffic): boolean =>
  failover.length + distribute.length > 0;

/** The host that a finding is about: `HOST`, `HOST/…` or `Service/NAMESPACE/NAME`. */
export function hostOf({ subject = '' }: Diagnostic): string {
  const [first = '', namespace, name] = subject.split('/');
  return first === 'Service' ? `${name}.${namespace}${CLUSTER_SUFFIX}` : first;
}

function servicesFor(item: Diagnostic, all: string[]): LintNeeds['services'] {
  const host = hostOf(item);
  if (!host.endsWith(CLUSTER_SUFFIX)) return [];
  if (item.code === 'unknown-host') return all.map((cluster) => ({ cluster, host }));
  return item.code === 'not-callable' ? [{ cluster: item.subject?.split('/')[1] ?? '', host }] : [];
}

/** What the declared Service of a host asks of its pods; undefined where there is none, or it asks nothing. */
function selectorFor({ workloads }: ResolvedMesh, host: string): string | undefined {
  const objects = workloads.flatMap(({ objects }) => [...objects.values()].flat());
  const service = objects.find(({ object }) => object.kind === 'Service' && hostOfService(object) === host);
  const labels = Object.entries(service ? selectorOf(service.object) : {}).map(
    ([key, value]) => `${key}=${value}`,
  );
  return labels.length > 0 ? labels.join(',') : undefined;
}
