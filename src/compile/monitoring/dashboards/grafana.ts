/**
 * A dashboard as it is written here, and the JSON that Grafana loads (`dashboard_kind.cue` of Grafana 13: the
 * classic model, which Grafana's sidecar and file provisioning take). Older ones leave out what they do not know.
 */

type Json = Record<string, unknown>;

/** The newest form of the classic model; an older Grafana loads it as its own newest. */
const SCHEMA_VERSION = 42;

/** Grafana lays panels out in 24 columns. */
export const COLUMNS = 24;

const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

export interface Query {
  expr: string;
  /** Names the series by its labels: `{{cluster}}`. Left out: all labels are shown. */
  legend?: string;
}

/** The colour from a value on; the first of a list begins at `null`, which is below all. */
export interface Threshold {
  color: string;
  value: number | null;
}

export interface Panel {
  title: string;
  /** What the title cannot tell; shown on hover. */
  description?: string;
  /** `events` are bars: numbers of what seldom happens. */
  type: 'stat' | 'curves' | 'events' | 'timeline' | 'matrix';
  width: number;
  height: number;
  queries: Query[];
  /** Grafana's id of a unit: `s`, `ms`, `reqps`, `percentunit`, `bytes`. Left out: a plain number. */
  unit?: string;
  /** What is shown in the place of "No data". */
  noValue?: string;
  thresholds?: Threshold[];
  /** Text and colour of a value. */
  values?: Record<string, { text: string; color: string }>;
  stacked?: boolean;
  /** The labels that a `matrix` has in its rows and columns. */
  rows?: { row: string; column: string };
}

export interface Row {
  title: string;
  /** A variable: the row is there once for each of its values. */
  repeat?: string;
  panels: Panel[];
}

/** A choice of several of the given values, at first of all. */
export interface Choice {
  name: string;
  label: string;
  values: string[];
}

export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  choices: Choice[];
  rows: Row[];
}

export function dashboardJson({ uid, title, description, tags, choices, rows }: Dashboard): Json {
  return {
    uid,
    title,
    description,
    tags,
    schemaVersion: SCHEMA_VERSION,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    links: [{ ...LINK, title: 'Dashboards of this mesh', tags }],
    templating: { list: [SOURCE, ...choices.map(choiceJson), FILTERS] },
    panels: layOut(rows),
  };
}

/** Leads to the other dashboards with the same tags, at the same time and with the same choices. */
const LINK = {
  type: 'dashboards',
  asDropdown: true,
  icon: 'external link',
  includeVars: true,
  keepTime: true,
  targetBlank: false,
  tooltip: '',
};

const SOURCE = { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' };

/** What is chosen here is added to every query: how a Prometheus that holds several meshes is narrowed to one. */
const FILTERS = { name: 'filters', label: 'Filters', type: 'adhoc', datasource: DATASOURCE };

const choiceJson = ({ name, label, values }: Choice): Json => ({
  name,
  label,
  type: 'custom',
  query: values.join(','),
  options: values.map((value) => ({ text: value, value, selected: false })),
  multi: true,
  includeAll: true,
  current: { text: ['All'], value: ['$__all'] },
});

/** Panels of a row are filled from left to right; those side by side have one height. */
function layOut(rows: Row[]): Json[] {
  let y = 0;
  let id = 0;
  return rows.flatMap(({ title, repeat, panels }) => {
    const heading = {
      id: ++id,
      type: 'row',
      title,
      collapsed: false,
      ...(repeat === undefined ? {} : { repeat }),
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    };
    y += 1;
    let x = 0;
    const placed = panels.map((panel) => {
      const json = panelJson(panel, ++id, { x, y, w: panel.width, h: panel.height });
      x += panel.width;
      if (x >= COLUMNS) {
        x = 0;
        y += panel.height;
      }
      return json;
    });
    if (x > 0) y += panels.at(-1)?.height ?? 0;
    return [heading, ...placed];
  });
}

function panelJson(panel: Panel, id: number, gridPos: Json): Json {
  const { title, description, unit, noValue, thresholds, values } = panel;
  const { type, custom, options, query } = LOOKS[panel.type];
  return {
    id,
    title,
    ...(description === undefined ? {} : { description }),
    type,
    gridPos,
    datasource: DATASOURCE,
    fieldConfig: {
      defaults: {
        unit: unit ?? 'short',
        ...(noValue === undefined ? {} : { noValue }),
        color: { mode: values || thresholds ? 'thresholds' : 'palette-classic' },
        ...(thresholds ? { thresholds: { mode: 'absolute', steps: thresholds } } : {}),
        ...(values ? { mappings: [{ type: 'value', options: values }] } : {}),
        custom: { ...custom, ...(panel.stacked ? { stacking: { mode: 'normal', group: 'A' } } : {}) },
      },
      overrides: [],
    },
    options,
    ...(panel.rows ? { transformations: [matrix(panel.rows)] } : {}),
    targets: panel.queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      editorMode: 'code',
      ...query,
      expr,
      ...(legend === undefined ? {} : { legendFormat: legend }),
    })),
  };
}

/** One row for each value of a label, one column for each of another. */
const matrix = ({ row, column }: { row: string; column: string }): Json => ({
  id: 'groupingToMatrix',
  options: { rowField: row, columnField: column, valueField: 'Value' },
});

const LEGEND = { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] };
const TOOLTIP = { mode: 'multi', sort: 'desc' };
const OVER_TIME = { range: true, instant: false, format: 'time_series' };
const NOW = { range: false, instant: true };

/** How each type looks; what all panels of a type share. */
const LOOKS: Record<Panel['type'], { type: string; custom: Json; options: Json; query: Json }> = {
  stat: {
    type: 'stat',
    custom: {},
    options: {
      reduceOptions: { values: false, calcs: ['lastNotNull'], fields: '' },
      orientation: 'auto',
      textMode: 'auto',
      wideLayout: true,
      colorMode: 'value',
      graphMode: 'none',
      justifyMode: 'auto',
      showPercentChange: false,
      percentChangeColorMode: 'standard',
    },
    query: { ...NOW, format: 'time_series' },
  },
  curves: {
    type: 'timeseries',
    custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 10, showPoints: 'never', axisSoftMin: 0 },
    options: { legend: LEGEND, tooltip: TOOLTIP },
    query: OVER_TIME,
  },
  events: {
    type: 'timeseries',
    custom: { drawStyle: 'bars', lineWidth: 1, fillOpacity: 60, showPoints: 'never', axisSoftMin: 0 },
    options: { legend: LEGEND, tooltip: TOOLTIP },
    query: OVER_TIME,
  },
  timeline: {
    type: 'state-timeline',
    custom: { lineWidth: 0, fillOpacity: 70 },
    options: { legend: LEGEND, tooltip: TOOLTIP, mergeValues: true, showValue: 'auto', rowHeight: 0.9 },
    query: OVER_TIME,
  },
  matrix: {
    type: 'table',
    custom: {},
    options: { showHeader: true, cellHeight: 'sm', frameIndex: 0 },
    query: { ...NOW, format: 'table' },
  },
};
