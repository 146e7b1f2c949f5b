import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { monitoringObjects } from '../../../src/compile/monitoring.js';
import { type Dashboard, dashboardsIn } from '../../support/dashboards.js';
import { ROOT } from '../house/support.js';
import { clusterOf, meshOf } from './support.js';

/**
 * Grafana publishes the schema of its dashboards as TypeScript types (`@grafana/schema`). So the JSON of each
 * dashboard becomes a literal of these types, with the options of its panels by their types, and the compiler is
 * asked: it refuses unknown fields, missing ones, and words that Grafana does not have.
 */
const PRELUDE = `
import type { Dashboard } from '@grafana/schema';
${['TimeSeries', 'Stat', 'Table', 'StateTimeline']
  .map((name) => {
    const path = `@grafana/schema/dist/esm/raw/composable/${name.toLowerCase()}/panelcfg/x/${name}PanelCfg_types.gen`;
    return `import type * as ${name} from '${path}';`;
  })
  .join('\n')}
type Words<T> = T extends string ? \`\${T}\` : T extends number | boolean | null | undefined ? T : { [K in keyof T]: Words<T[K]> };
type Visuals = { 'timeseries': [TimeSeries.Options, TimeSeries.FieldConfig]; 'stat': [Stat.Options, {}];
  'table': [Partial<Table.Options>, Partial<Table.FieldConfig>]; 'state-timeline': [StateTimeline.Options, StateTimeline.FieldConfig] };
`;

/** The text of a module that compiles where the dashboard is as Grafana wants it. */
function moduleOf(dashboard: Dashboard): string {
  const visuals = dashboard.panels.flatMap(({ type, options, fieldConfig }, index) => {
    if (type === 'row') return [];
    const words = (part: number) => `Words<Visuals['${type}'][${part}]>`;
    return [
      `export const options${index}: ${words(0)} = ${JSON.stringify(options)};`,
      `export const field${index}: ${words(1)} = ${JSON.stringify(fieldConfig?.defaults.custom)};`,
    ];
  });
  return [PRELUDE, `export const all: Words<Dashboard> = ${JSON.stringify(dashboard)};`, ...visuals].join(
    '\n',
  );
}

function compilerSays(dashboards: Dashboard[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'meshplan-grafana-'));
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const files = dashboards.map((dashboard, index) => {
      const file = join(folder, `dashboard-${index}.ts`);
      writeFileSync(file, moduleOf(dashboard));
      return file;
    });
    const flags = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--types', ''];
    const modules = ['--module', 'preserve', '--moduleResolution', 'bundler'];
    const args = [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), ...flags, ...modules, ...files];
    return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mesh = meshOf([clusterOf('cluster-1', 'cluster-1'), clusterOf('cluster-2', 'cluster-1')], {
  monitoring: { alerts: false, dashboards: true },
});
const dashboards = [
  ...dashboardsIn(monitoringObjects(mesh, { prometheusRules: false, primary: 'cluster-1' })).values(),
];

const test = suite("Grafana's schema");

test('every dashboard is one that Grafana knows', () => {
  assert.is(compilerSays(dashboards), '');
});

test('a wrong word, a wrong option and an unknown field are found', () => {
  const text = JSON.stringify(dashboards[0]);
  const wrong = [
    text.replace('"placement":"bottom"', '"placement":"below"'),
    text.replace('"colorMode":"value"', '"colourMode":"value"'),
    text.replace('"mode":"absolute"', '"mode":"certain"'),
    text.replace('"gridPos":', '"place":'),
  ];
  for (const item of wrong) assert.is.not(item, text);
  const said = compilerSays(wrong.map((item) => JSON.parse(item) as Dashboard));
  for (const index of wrong.keys()) assert.match(said, `dashboard-${index}.ts`);
});

test.run();
