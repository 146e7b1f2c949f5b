import { clustersSynced, ISTIOD_INFO, REJECTS, ROOT_EXPIRY, SIGNING_EXPIRY, timeLeft } from './promql.js';

type Json = Record<string, unknown>;

/** Grafana lays panels out in 24 columns. */
const COLUMNS = 24;

/** Longest identifier that Grafana takes for a dashboard. */
const UID_LENGTH = 40;

const DATASOURCE = { type: 'prometheus', uid: '$datasource' };

interface Panel {
  title: string;
  type: 'stat' | 'timeseries' | 'state-timeline';
  width: number;
  height: number;
  expr: string;
  legend?: string;
  unit?: string;
  defaults?: Json;
}

/**
 * The dashboard of a mesh's health, as Grafana's JSON model: clusters synced, proxies connected,
 * configuration pushed and rejected, time left of the certificates.
 */
export function meshDashboard(mesh: string, remotes: string[]): Json {
  return {
    uid: `meshplan-${mesh}`.slice(0, UID_LENGTH),
    title: `Mesh ${mesh}`,
    tags: ['istio', 'meshplan'],
    schemaVersion: 39,
    editable: false,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    templating: {
      list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' }],
    },
    panels: layOut([...numbers(), ...(remotes.length === 0 ? [] : [clusters(remotes)]), ...curves()]),
  };
}

function numbers(): Panel[] {
  const size = { type: 'stat', width: 6, height: 4 } as const;
  return [
    { ...size, title: 'istiod instances', expr: `count(${ISTIOD_INFO})` },
    { ...size, title: 'Proxies connected', expr: 'sum(pilot_xds)' },
    { ...size, title: 'Root certificate: time left', expr: timeLeft(ROOT_EXPIRY), unit: 's' },
    { ...size, title: 'Signing certificate: time left', expr: timeLeft(SIGNING_EXPIRY), unit: 's' },
  ];
}

function clusters(remotes: string[]): Panel {
  const options = { 0: { text: 'not synced', color: 'red' }, 1: { text: 'synced', color: 'green' } };
  return {
    title: 'Remote clusters',
    type: 'state-timeline',
    width: COLUMNS,
    height: 6,
    expr: clustersSynced(remotes),
    legend: '{{cluster}}',
    defaults: { mappings: [{ type: 'value', options }] },
  };
}

function curves(): Panel[] {
  const size = { type: 'timeseries', width: 12, height: 8 } as const;
  const perInterval = (counter: string) => `${counter}[$__rate_interval]`;
  return [
    {
      ...size,
      title: 'Proxies connected, by version',
      expr: 'sum by (version) (pilot_xds)',
      legend: '{{version}}',
    },
    {
      ...size,
      title: 'Configuration pushes per second, by type',
      expr: `sum by (type) (rate(${perInterval('pilot_xds_pushes')}))`,
      legend: '{{type}}',
    },
    {
      ...size,
      title: 'Configuration rejected by proxies since istiod started, by type',
      expr: `sum by (type) (${REJECTS})`,
      legend: '{{type}}',
    },
    {
      ...size,
      title: 'Time until a proxy has its configuration (99 %)',
      expr: `histogram_quantile(0.99, sum by (le) (rate(${perInterval('pilot_proxy_convergence_time_bucket')})))`,
      legend: '99 %',
      unit: 's',
    },
  ];
}

/** Fills rows from left to right; panels of one row have one height. */
function layOut(panels: Panel[]): Json[] {
  let x = 0;
  let y = 0;
  return panels.map((panel, index) => {
    const gridPos = { x, y, w: panel.width, h: panel.height };
    x += panel.width;
    if (x >= COLUMNS) {
      x = 0;
      y += panel.height;
    }
    return panelJson(panel, index + 1, gridPos);
  });
}

function panelJson(panel: Panel, id: number, gridPos: Json): Json {
  const { title, type, expr, legend, unit, defaults } = panel;
  return {
    id,
    title,
    type,
    gridPos,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { ...(unit === undefined ? {} : { unit }), ...defaults }, overrides: [] },
    targets: [
      {
        refId: 'A',
        datasource: DATASOURCE,
        expr,
        ...(legend === undefined ? {} : { legendFormat: legend }),
      },
    ],
  };
}
