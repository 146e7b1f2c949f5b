import { nearest } from '../../match/nearest.js';
import type { SourceRange } from '../../model/diagnostic.js';
import type { Findings } from '../findings.js';
import { placeOf, type SourceNode, textAt } from '../yaml/source-node.js';
import { ISTIOD_METRICS } from './istiod-metrics.js';
import { itemsAt } from './nodes.js';
import { nameOf, type PlacedObject } from './placed-objects.js';

/**
 * Metrics of istiod that know clusters (istio 1.31: `pkg/kube/multicluster`, `pilot/pkg/util/informermetric`);
 * all others of istiod carry no label `cluster`.
 */
const BY_CLUSTER = new Set([
  'istiod_remote_cluster_sync_status',
  'remote_cluster_sync_timeouts_total',
  'controller_sync_errors_total',
]);

const ISTIOD_METRIC = /\b((?:pilot|istiod|citadel|galley|sidecar_injection)_[a-z0-9_]+)\{([^}]*)\}/g;

/** Names that begin as those of istiod do; with a colon they are of recording rules. */
const OF_ISTIOD = /(?<![\w:])(?:pilot|istiod|citadel|galley)_[a-z0-9_]+(?![\w:])/g;
const QUOTED = /"[^"]*"|'[^']*'/g;

/** Reports expressions over metrics of istiod that it does not have, or not with that label. */
export function checkMetrics(item: PlacedObject, findings: Findings): void {
  if (item.object.kind === 'PrometheusRule') checkNames(item, findings);
  else if (item.object.kind !== 'ConfigMap') return;
  for (const { text, at } of textsIn(item.tree)) {
    for (const [match, metric = '', matchers = ''] of text.matchAll(ISTIOD_METRIC)) {
      if (BY_CLUSTER.has(metric) || !/(^|,)\s*cluster\s*(=|!)/.test(matchers)) continue;
      const line = text.slice(0, text.indexOf(match)).split('\n').length;
      const where = text.trimEnd().includes('\n') ? ` (line ${line} of this text)` : '';
      findings.lint('unknown-label', at, {
        subject: `${nameOf(item)}/${metric}`,
        message: `istiod gives \`${metric}\` no label \`cluster\`${where}: unless your Prometheus adds one, the expression finds nothing, so an alert on it never fires`,
        hint: 'ask `istiod_remote_cluster_sync_status{cluster="NAME",status="synced"}` and `remote_cluster_sync_timeouts_total{cluster="NAME"}`; or write `monitoring.alerts: true`',
      });
    }
  }
}

/** In expressions alone: elsewhere such a word may be anything. */
function checkNames(item: PlacedObject, findings: Findings): void {
  const rules = itemsAt(item.tree, ['spec', 'groups']).flatMap((group) => itemsAt(group, ['rules']));
  const recorded = new Set(rules.map((rule) => textAt(rule, ['record'])));
  for (const rule of rules) {
    const expression = (textAt(rule, ['expr']) ?? '').replaceAll(QUOTED, '');
    for (const name of new Set(expression.match(OF_ISTIOD) ?? [])) {
      if (recorded.has(name)) continue;
      const metric = name.replace(/_(bucket|sum|count)$/, '');
      if (ISTIOD_METRICS.has(name) || ISTIOD_METRICS.has(metric)) continue;
      const close = nearest(metric, ISTIOD_METRICS);
      findings.lint('unknown-metric', placeOf(rule, ['expr']), {
        subject: `${nameOf(item)}/${name}`,
        message: `istiod of Istio 1.31 has no metric \`${name}\`: the expression finds nothing, so an alert on it never fires`,
        hint: `${close === undefined ? '' : `did you mean \`${close}\`? Or `}write \`monitoring.alerts: true\``,
      });
    }
  }
}

function textsIn(node: SourceNode): { text: string; at: SourceRange }[] {
  if (node.kind === 'scalar')
    return typeof node.value === 'string' ? [{ text: node.value, at: node.at }] : [];
  if (node.kind === 'list') return node.items.flatMap(textsIn);
  return Object.values(node.entries).flatMap(textsIn);
}
