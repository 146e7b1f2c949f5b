import type { KubeObject } from '../../src/model/kube.js';

/** What the tests look at of Grafana's JSON model. */
export interface Dashboard {
  uid: string;
  title: string;
  tags: string[];
  templating: { list: { name: string; type: string; options?: { value: string }[] }[] };
  panels: Panel[];
}

export interface Panel {
  id: number;
  type: string;
  title: string;
  repeat?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  options?: Record<string, unknown>;
  fieldConfig?: { defaults: { unit: string; noValue?: string; custom: Record<string, unknown> } };
  targets?: { refId: string; expr: string; legendFormat?: string }[];
}

/** A panel's query as Prometheus gets it. */
export interface Question {
  /** Of the panel: dashboard without the mesh, row, title and the query's letter. */
  name: string;
  expr: string;
}

/** The dashboards among objects, by the names of their files. */
export function dashboardsIn(objects: KubeObject[]): Map<string, Dashboard> {
  const files = objects
    .filter(({ metadata }) => metadata.labels?.grafana_dashboard === '1')
    .flatMap(({ data }) => Object.entries(data as Record<string, string>));
  return new Map(files.map(([file, text]) => [file, JSON.parse(text) as Dashboard]));
}

/** Every query of a dashboard, with what Grafana puts in for its variables: all of their values. */
export function questionsOf(dashboard: Dashboard, intervals = { rate: '5m', range: '1h' }): Question[] {
  const values = dashboard.templating.list.map(({ name, options = [] }) => {
    const all = options.map(({ value }) => value);
    return [name, all.length > 1 ? `(${all.join('|')})` : (all[0] ?? '')] as const;
  });
  const variables = new Map([...values, ['__rate_interval', intervals.rate], ['__range', intervals.range]]);
  const subject = dashboard.title.replace(/^Mesh \S+: /, '');
  let row = '';
  return dashboard.panels.flatMap(({ type, title, targets = [] }) => {
    if (type === 'row') row = title;
    return targets.map(({ refId, expr }) => ({
      name: [subject, row, title, refId].join(' / '),
      // As Grafana does: a name that it does not know, such as the `$1` of label_replace, stays.
      expr: expr.replaceAll(/\$(\w+)/g, (whole, name: string) => variables.get(name) ?? whole),
    }));
  });
}
