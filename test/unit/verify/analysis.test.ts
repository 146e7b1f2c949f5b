import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MeshplanError } from '../../../src/errors/index.js';
import { readMessages } from '../../../src/istioctl/analyze.js';
import type { AnalysisMessage } from '../../../src/model/analysis.js';
import type { ResolvedMesh } from '../../../src/model/resolved-mesh.js';
import { readAnalysis } from '../../../src/verify/analysis.js';
import { analysis, judgeAnalysis } from '../../../src/verify/checks/analyze.js';
import type { VerifyContext } from '../../../src/verify/context.js';

const mesh = {
  namespaces: [{ name: 'production' }],
  traffic: [{ host: 'backend.production.svc.cluster.local', namespace: 'production' }],
  workloads: [],
} as unknown as ResolvedMesh;

const message = (more: Partial<AnalysisMessage>): AnalysisMessage => ({
  code: 'IST0101',
  level: 'Error',
  message: 'Referenced host not found: "nowhere"',
  cluster: 'cluster-1',
  origin: 'VirtualService production/web',
  ...more,
});

/** What is told of messages, a line for each: level, address, code. */
const told = (...messages: AnalysisMessage[]) =>
  readAnalysis(messages, mesh).findings.map(({ level, address, code }) => `${level} ${address} ${code}`);

test('messages get our addresses', () => {
  const address = 'cluster-1/networking.istio.io/v1/VirtualService/production/web';
  assert.equal(told(message({})), [`Error ${address} IST0101`]);
  const namespace = message({ origin: 'Namespace production', level: 'Warning', cluster: 'cluster-2' });
  assert.equal(told(namespace), ['Warning cluster-2/v1/Namespace/production IST0101']);
  const { origin: _, ...placeless } = message({});
  assert.equal(told(placeless), ['Error cluster-1 IST0101']);
});

test('of namespaces that mesh.yaml does not declare only rules count', () => {
  assert.equal(told(message({ origin: 'Pod other/web-1' })), []);
  assert.equal(
    told(message({ origin: 'Service default/kubernetes', code: 'IST0170', level: 'Warning' })),
    [],
  );
  assert.equal(
    told(message({ origin: 'Service istio-system/istiod', code: 'IST0170', level: 'Warning' })),
    [],
  );
  assert.is(told(message({ origin: 'VirtualService other/web' })).length, 1);
});

test('what only informs is left out', () => {
  assert.equal(told(message({ level: 'Info' })), []);
});

test('a declared subset without pods is what the lint says; one that others made is told', () => {
  const empty = (name: string) => message({ code: 'IST0173', origin: `DestinationRule production/${name}` });
  assert.equal(readAnalysis([empty('backend')], mesh), { findings: [], declaredEmpty: 1 });
  assert.is(told(empty('other')).length, 1);
});

test('it warns and never fails, each message once with all its objects and a link, errors first', () => {
  const documentationUrl =
    'https://istio.io/v1.31/docs/reference/config/analysis/ist0101/?ref=istioctl-analyze';
  const judge = (...messages: AnalysisMessage[]) => judgeAnalysis(readAnalysis(messages, mesh));
  const both = judge(
    message({ documentationUrl }),
    message({ documentationUrl, origin: 'VirtualService production/api' }),
  );
  assert.is(both.status, 'warn');
  const prefix = 'cluster-1/networking.istio.io/v1/VirtualService/production';
  assert.is(
    both.evidence,
    `${prefix}/web, ${prefix}/api: Referenced host not found: "nowhere" (Error, IST0101)`,
  );
  assert.is(both.hint, 'See https://istio.io/v1.31/docs/reference/config/analysis/ist0101/');
  const mixed = judge(message({ level: 'Warning', message: 'b' }), message({ message: 'a' }));
  assert.equal(
    mixed.evidence.split('\n').map((line) => line.split(': ').at(-1)),
    ['a (Error, IST0101)', 'b (Warning, IST0101)'],
  );
  assert.is(judge().status, 'pass');
  assert.not.ok(judge(message({})).unsettled);
  assert.ok(judge(message({ code: 'IST0103', level: 'Warning', origin: 'Pod production/web' })).unsettled);
});

test('where the question for rights fails, the check is skipped and says why', async () => {
  const context = {
    mesh: { clusters: [{ name: 'cluster-1', role: 'primary', primary: 'cluster-1' }] },
    analyze: () => assert.unreachable('it was asked without an answer on rights'),
    request: async () => {
      throw new MeshplanError('api-error', 'the server answers 503');
    },
  } as unknown as VerifyContext;
  const outcomes = await Promise.all(analysis(context).map(({ run }) => run()));
  assert.equal(outcomes, [{ status: 'skip', evidence: 'the server answers 503' }]);
});

test('what istioctl prints is read; what is no list is none', () => {
  assert.equal(readMessages(''), []);
  assert.equal(readMessages('null'), []);
  assert.equal(readMessages('[{"code":"IST0101"}]'), [{ code: 'IST0101' }]);
  for (const text of ['{}', 'error: no such flag', '[']) assert.is(readMessages(text), undefined, text);
});

test.run();
