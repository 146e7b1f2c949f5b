import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { monitoringObjects } from '../../../src/compile/monitoring.js';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import { type Dashboard, dashboardsIn, type Panel, questionsOf } from '../../support/dashboards.js';
import { clusterOf, meshOf } from './support.js';

const PAIR = [clusterOf('cluster-1', 'cluster-1'), clusterOf('cluster-2', 'cluster-1')];

const meshWith = (fields: Partial<ResolvedMesh> = {}) =>
  meshOf(PAIR, { monitoring: { alerts: false, dashboards: true }, ...fields });

const objectsOf = (mesh: ResolvedMesh, primary = 'cluster-1') =>
  monitoringObjects(mesh, { prometheusRules: false, primary });

const dashboardsOf = (mesh: ResolvedMesh, primary?: string) => [
  ...dashboardsIn(objectsOf(mesh, primary)).values(),
];

const ALONE = meshWith({ clusters: [clusterOf('cluster-1', 'cluster-1')] });
const WIDE = meshWith({
  clusters: [
    ...['east', 'west'].map((name) => clusterOf(name, name)),
    ...['east-1', 'east-2'].map((name) => clusterOf(name, 'east')),
  ],
});
const EVERY = [
  ...dashboardsOf(meshWith()),
  ...dashboardsOf(ALONE),
  ...dashboardsOf(WIDE, 'east'),
  ...dashboardsOf(WIDE, 'west'),
];

const panelsOf = ({ panels }: Dashboard) => panels.filter(({ type }) => type !== 'row');
const each = (check: (panel: Panel, dashboard: Dashboard) => void) => {
  for (const dashboard of EVERY) for (const panel of panelsOf(dashboard)) check(panel, dashboard);
};

const test = suite('dashboards');

test('each is a ConfigMap that Grafana finds, far below the size that a ConfigMap may have', () => {
  const named = objectsOf(meshWith()).map(({ metadata, data }) => ({
    ...metadata,
    files: Object.keys(data as object),
  }));
  assert.equal(
    named,
    ['mesh', 'control-plane', 'traffic'].map((name) => ({
      name: `meshplan-dashboard-${name}`,
      namespace: 'istio-system',
      labels: { grafana_dashboard: '1' },
      files: [`meshplan-${name}.json`],
    })),
  );
  const names = Array.from({ length: 200 }, (_, index) => `${'cluster-'.repeat(6)}${index}`);
  const clusters = [clusterOf('home', 'home'), ...names.map((name) => clusterOf(name, 'home'))];
  for (const object of objectsOf(meshWith({ clusters }), 'home')) {
    assert.ok(JSON.stringify(object).length < 300_000, object.metadata.name);
  }
});

test('titles and identifiers tell the mesh', () => {
  const named = dashboardsOf(meshWith()).map(({ uid, title, tags }) => [uid, title, tags.join(' ')]);
  assert.equal(named, [
    ['meshplan-mesh-mesh1_cluster-1', 'Mesh mesh1: clusters', 'istio meshplan mesh1'],
    ['meshplan-control-plane-mesh1_cluster-1', 'Mesh mesh1: control plane', 'istio meshplan mesh1'],
    ['meshplan-traffic-mesh1_cluster-1', 'Mesh mesh1: traffic between clusters', 'istio meshplan mesh1'],
  ]);
  assert.is(dashboardsOf(WIDE, 'west')[0]?.title, 'Mesh mesh1: clusters (west)');
});

test('identifiers stay what they are, differ by mesh and primary, and are none too long', () => {
  const long = 'm'.repeat(62);
  const uids = [
    ...EVERY,
    ...dashboardsOf(meshWith({ name: `${long}1` })),
    ...dashboardsOf(meshWith({ name: `${long}2` })),
    ...dashboardsOf(meshWith({ name: 'mesh1-cluster' })),
  ].map(({ uid }) => uid);
  const again = dashboardsOf(meshWith({ name: `${long}1` })).map(({ uid }) => uid);
  for (const uid of uids) assert.match(uid, /^[a-z0-9_-]{1,40}$/);
  for (const uid of again) assert.ok(uids.includes(uid));
  // The mesh of one cluster is the same mesh with the same primary.
  assert.is(new Set(uids).size, uids.length - 3);
});

test('the clusters to choose from are those of the mesh; of a primary its own where its istiod is asked', () => {
  const choices = dashboardsOf(WIDE, 'east').flatMap(({ templating }) =>
    templating.list
      .filter(({ type }) => type === 'custom')
      .map(({ name, options = [] }) => [name, ...options.map(({ value }) => value)].join(' ')),
  );
  assert.equal(choices, [
    'cluster east east-1 east-2',
    'source east east-1 east-2 west',
    'destination east east-1 east-2 west',
  ]);
});

test('every cluster has a row of its own', () => {
  for (const dashboard of EVERY.filter(({ uid }) => uid.startsWith('meshplan-mesh'))) {
    const row = dashboard.panels.find(({ repeat }) => repeat === 'cluster');
    assert.is(row?.type, 'row');
    const own = dashboard.panels.slice(dashboard.panels.indexOf(row as Panel) + 1);
    for (const { targets = [] } of own) for (const { expr } of targets) assert.match(expr, '=~"$cluster"');
  }
});

test('a mesh without remotes has no panel about them', () => {
  assert.not.ok(dashboardsOf(ALONE)[0]?.panels.some(({ title }) => title === 'Remote clusters'));
  assert.ok(dashboardsOf(meshWith())[0]?.panels.some(({ title }) => title === 'Remote clusters'));
});

test('the order of clusters in mesh.yaml changes nothing', () => {
  const reversed = meshWith({ clusters: WIDE.clusters.toReversed() });
  assert.equal(objectsOf(reversed, 'east'), objectsOf(WIDE, 'east'));
});

test('panels overlap nowhere and fill the width of each row', () => {
  for (const { panels, title } of EVERY) {
    const taken = new Map<string, string>();
    const bottom = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h));
    for (const panel of panels) {
      const { x, y, w, h } = panel.gridPos;
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          assert.not.ok(taken.has(`${column} ${line}`), `${title} / ${panel.title}`);
          taken.set(`${column} ${line}`, panel.title);
        }
      }
    }
    assert.is(taken.size, 24 * bottom, title);
    assert.is(new Set(panels.map(({ id }) => id)).size, panels.length);
  }
});

/** Those of Grafana's units that are used here (`packages/grafana-data/src/valueFormats/categories.ts`). */
const UNITS = new Set(['short', 's', 'ms', 'bytes', 'Bps', 'reqps', 'cps', 'percentunit']);

test('every panel has a unit, and a legend where it shows several series', () => {
  each(({ title, type, fieldConfig, targets = [] }) => {
    assert.ok(UNITS.has(fieldConfig?.defaults.unit ?? ''), title);
    assert.ok(targets.length > 0, title);
    const isNamed = targets.every(({ legendFormat }) => legendFormat !== undefined);
    assert.is(isNamed, type === 'timeseries' || type === 'state-timeline', title);
  });
});

test('a legend names only labels that its query keeps', () => {
  each(({ title, targets = [] }) => {
    for (const { expr, legendFormat = '' } of targets) {
      for (const [, label = ''] of legendFormat.matchAll(/{{(\w+)}}/g)) {
        // Sums keep what they are asked for; without one, the labels of the scrape are there.
        const kept = /(sum|min) by \(([^)]*)\)/.exec(expr)?.[2]?.split(', ');
        assert.ok(kept?.includes(label) ?? label === 'instance', `${title}: ${label} in ${expr}`);
      }
    }
  });
});

test('every variable of a query is one of the dashboard, or of Grafana', () => {
  for (const dashboard of EVERY) {
    for (const { name, expr } of questionsOf(dashboard)) {
      assert.not.match(expr.replaceAll('"$1"', ''), /\$|\[\[/, name);
    }
  }
});

test('requests are counted by one end alone', () => {
  each(({ title, targets = [] }) => {
    for (const { expr } of targets) {
      const reporters = [...expr.matchAll(/istio_\w+{([^}]*)}/g)].map(
        ([, labels = '']) => /(^|,)reporter="(source|destination)"/.exec(labels)?.[2],
      );
      assert.not.ok(reporters.includes(undefined), `${title}: ${expr}`);
      assert.ok(new Set(reporters).size <= 1, `${title}: ${expr}`);
      if (expr.includes('connection_security_policy'))
        assert.equal(new Set(reporters), new Set(['destination']));
    }
  });
});

test('the colours of certificates change where the alerts begin', () => {
  const [mesh] = dashboardsOf(meshWith());
  const steps = ['Root certificate: time left', 'Signing certificate: time left'].map((title) => {
    const defaults = mesh?.panels.find((panel) => panel.title === title)?.fieldConfig
      ?.defaults as unknown as {
      thresholds: { steps: { color: string; value: number | null }[] };
    };
    return defaults.thresholds.steps
      .map(({ color, value }) => `${color} ${(value ?? 0) / 86_400}`)
      .join(', ');
  });
  assert.equal(steps, ['red 0, orange 22.5, green 90', 'red 0, orange 15, green 60']);
});

test.run();
