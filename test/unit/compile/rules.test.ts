import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type AlertRule, alertRules } from '../../../src/compile/monitoring/alerts.js';
import { promtool } from '../../support/prometheus.js';
import { CASES, DAY, HEALTHY, type RuleCase, type Series } from './rule-cases.js';
import { clusterOf, meshOf } from './support.js';

const test = suite('alert rules in Prometheus');

const mesh = meshOf([clusterOf('cluster-1', 'cluster-1'), clusterOf('cluster-2', 'cluster-1')]);
const PAGE = readFileSync('docs/monitoring.md', 'utf8');
const file = alertRules(mesh, ['cluster-2']);
const rules = file.groups.flatMap((group) => group.rules);

/** What Prometheus makes of a rule's templates, for these labels and this value. */
function filledIn(text: string, labels: Record<string, string>, value: number): string {
  return text
    .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? '')
    .replaceAll('{{ $value | printf "%.0f" }}', value.toFixed(0))
    .replaceAll('{{ $value | humanizeDuration }}', `${Math.floor(value / DAY)}d ${clock(value % DAY)}`);
}

function clock(seconds: number): string {
  return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m ${seconds % 60}s`;
}

function expected(rule: AlertRule, { labels = {}, value = 0 }: RuleCase) {
  const { summary, description } = rule.annotations;
  return {
    exp_labels: { ...rule.labels, ...labels },
    exp_annotations: {
      summary: filledIn(summary, labels, value),
      description: filledIn(description, labels, value),
    },
  };
}

const inputOf = (series: Series) =>
  Object.entries(series).map(([name, values]) => ({ series: name, values: values.join(' ') }));

/** The unit test of promtool that the case stands for. */
function unitTest(item: RuleCase) {
  // What is critical is worth a warning too.
  const firing = rules
    .filter(({ alert }) => alert === item.alert)
    .filter(({ labels }) => item.severity !== 'warning' || labels.severity === 'warning');
  const at = (minutes: number, exp_alerts: object[]) => ({
    eval_time: `${minutes}m`,
    alertname: item.alert,
    exp_alerts,
  });
  return {
    name: `${item.alert} ${item.what}`,
    interval: '1m',
    input_series: inputOf(item.series),
    alert_rule_test: [
      ...(item.quiet ?? []).map((minutes) => at(minutes, [])),
      ...(item.fires ?? []).map((minutes) =>
        at(
          minutes,
          firing.map((rule) => expected(rule, item)),
        ),
      ),
    ],
  };
}

async function passes(tests: object[]): Promise<void> {
  const { code, stdout, stderr } = await promtool(['test', 'rules', 'tests.yaml'], {
    'mesh.rules.yaml': file,
    'tests.yaml': { rule_files: ['mesh.rules.yaml'], evaluation_interval: '1m', tests },
  });
  assert.is(code, 0, stdout + stderr);
}

test('promtool finds nothing wrong', async () => {
  const args = ['check', 'rules', '--lint=all', '--lint-fatal', 'mesh.rules.yaml'];
  const { code, stdout, stderr } = await promtool(args, { 'mesh.rules.yaml': file });
  assert.is(code, 0, stdout + stderr);
});

test('docs/monitoring.md has a row for each alert, with its severities', () => {
  const rows = [...PAGE.matchAll(/^\| `(Mesh\w+)` \| ([a-z, ]+) \|/gm)].map(([, alert, severity]) => [
    alert,
    severity,
  ]);
  const severities = (alert: string) =>
    rules.filter((rule) => rule.alert === alert).map(({ labels }) => labels.severity);
  const wanted = [...new Set(rules.map(({ alert }) => alert))];
  assert.equal(rows.toSorted(), wanted.map((alert) => [alert, severities(alert).join(', ')]).toSorted());
});

test('promtool finds nothing wrong with the configuration of docs/monitoring.md', async () => {
  const [, text = ''] = /```yaml\n(rule_files:[\s\S]*?)```/.exec(PAGE) ?? [];
  const { code, stdout, stderr } = await promtool(['check', 'config', 'prometheus.yaml'], {
    'prometheus.yaml': text.replaceAll(/\/etc\/prometheus\/[\w-]+\//g, ''),
    'mesh.rules.yaml': file,
    'cluster-2.token': 'token',
    'cluster-2.crt': '',
  });
  assert.is(code, 0, stdout + stderr);
  assert.match(stdout, `SUCCESS: ${rules.length} rules found`);
});

test('each rule has a case in which it fires, and goes out again', () => {
  const tried = CASES.filter(({ fires = [], quiet = [] }) => Math.max(...quiet) > Math.max(...fires));
  const names = (list: { alert: string; severity?: string | undefined }[]) =>
    [...new Set(list.map(({ alert, severity }) => `${alert} ${severity ?? ''}`.trim()))].toSorted();
  const isDouble = (alert: string) => rules.filter((rule) => rule.alert === alert).length > 1;
  const wanted = rules.map(({ alert, labels }) => ({
    alert,
    severity: isDouble(alert) ? labels.severity : undefined,
  }));
  assert.equal(names(tried.filter(({ fires = [] }) => fires.length > 0)), names(wanted));
});

// One call for all of them: promtool names the case that fails.
test(`${CASES.length} cases`, () => passes(CASES.map(unitTest)));

test('in a healthy mesh none fires, through a rollout of istiod and a restart of an API server', () =>
  passes([
    {
      interval: '1m',
      input_series: inputOf(HEALTHY),
      alert_rule_test: rules.flatMap(({ alert }) =>
        [1, 30, 60, 66, 75, 90, 120].map((minutes) => ({
          eval_time: `${minutes}m`,
          alertname: alert,
          exp_alerts: [],
        })),
      ),
    },
  ]));

test.run();
