import { carries } from '../../match/labels.js';
import { nearestHost } from '../../match/nearest.js';
import { templateOf } from '../../model/pod-template.js';
import { hostOfService, selectorOf } from '../../model/service.js';
import type { MeshSource } from './mesh-source.js';
import type { Traffic } from './traffic.js';
import { everyObject, isService, type PlacedWorkload } from './workloads.js';

type Labels = Record<string, string>;

/** Warns of a host that no Service of the manifests provides, and of subsets that none of its pods belong to. */
export function checkHostPods(source: MeshSource, rule: Traffic, index: number, known: HostPods): void {
  if (!known.has(rule.host)) {
    const message = `no manifest brings the Service of \`${rule.host}\``;
    const close = nearestHost(rule.host, known.hosts);
    const mind =
      close === undefined ? 'mind the name and namespace in `host`' : `mind the name: \`${close}\``;
    const hint = `add its manifest to \`workloads\`, or ${mind}`;
    const finding = { subject: rule.host, message, hint };
    source.findings.lint('unknown-host', source.at('traffic', index, 'host'), finding);
    return;
  }
  const pods = known.of(rule.host);
  if (pods === undefined) return;
  for (const [subset, wanted] of Object.entries(rule.subsets ?? {})) {
    if (pods.some((labels) => carries(labels, wanted))) continue;
    const text = Object.entries(wanted).map(([key, value]) => `${key}=${value}`);
    const message = `no pods of \`${rule.host}\` carry ${text.join(', ')}: the subset \`${subset}\` is empty`;
    const hint = 'requests routed to it answer 503; add a workload with these labels, or route nothing to it';
    const finding = { subject: `${rule.host}/${subset}`, message, hint };
    source.findings.lint('empty-subset', source.keyAt('traffic', index, 'subsets', subset), finding);
  }
}

/** The Services that manifests bring, by their full hosts, and the pods behind them. */
export class HostPods {
  /** The selectors of the Services of a name, which may differ from cluster to cluster. */
  readonly #selectors = new Map<string, Labels[]>();
  /** The labels of pods by namespace. */
  readonly #pods = new Map<string, Labels[]>();

  constructor(workloads: PlacedWorkload[]) {
    for (const item of workloads.flatMap(everyObject)) {
      const { namespace = '' } = item.object.metadata;
      if (isService(item)) push(this.#selectors, hostOfService(item.object), selectorOf(item.object));
      const template = templateOf(item.object);
      if (template) push(this.#pods, namespace, template.metadata?.labels ?? {});
    }
  }

  /** Full names, for suggestions. */
  get hosts(): string[] {
    return [...this.#selectors.keys()];
  }

  has(host: string): boolean {
    return this.#selectors.has(host);
  }

  /**
   * The labels of the pods behind a host, one set for each kind of pod. Undefined where nothing can be said: a
   * Service without a selector has its endpoints from elsewhere.
   */
  of(host: string): Labels[] | undefined {
    const selectors = this.#selectors.get(host) ?? [];
    if (selectors.length === 0 || selectors.some((selector) => Object.keys(selector).length === 0))
      return undefined;
    const pods = this.#pods.get(host.split('.')[1] ?? '') ?? [];
    return pods.filter((labels) => selectors.some((selector) => carries(labels, selector)));
  }
}

function push(map: Map<string, Labels[]>, key: string, value: Labels): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
