import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../../support/folders.js';
import { brief, load } from './support.js';

const APPS = `
apiVersion: v1
kind: Service
metadata: { name: backend, namespace: production }
spec: { selector: { app: backend }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: backend, namespace: production }
spec:
  selector: { matchLabels: { app: backend } }
  template:
    metadata: { labels: { app: backend, version: v1 } }
    spec: { containers: [{ name: backend, image: backend }] }
`;

const meshOf = (clusters: string, traffic: string) => `
apiVersion: meshplan/v1
kind: Mesh
metadata: { name: mesh1 }
spec:
  istio: { version: "1.31" }
  clusters:
    - { name: cluster-1, role: primary, locality: { region: us-east-1 } }
    - { name: cluster-2, role: remote, locality: { region: us-west-2 } }
  controlPlane: { exposure: { allowFrom: [10.0.0.0/8] } }
  namespaces: [{ name: production }]
  workloads:
    - { manifests: apps.yaml, clusters: all }
    - { manifests: rules.yaml, clusters: ${clusters} }
${traffic}`;

interface Around {
  clusters?: string;
  traffic?: string;
}

/** What is found in `rules.yaml`, given to cluster-1 unless told: `LINE CODE`, warnings as such. */
async function found(
  rules: string,
  { clusters = '[cluster-1]', traffic = '' }: Around = {},
): Promise<string[]> {
  const folder = temporaryFolder();
  process.chdir(folder);
  writeFileSync(join(folder, 'apps.yaml'), APPS);
  writeFileSync(join(folder, 'rules.yaml'), rules);
  writeFileSync(join(folder, 'mesh.yaml'), meshOf(clusters, traffic));
  const { found: findings } = await load('mesh.yaml');
  for (const { message, hint, code } of findings) assert.ok(message && hint, code);
  return findings.map((finding) => brief(finding).replace('rules.yaml:', '').replace(/:\d+ /, ' '));
}

const HOST = 'backend.production.svc.cluster.local';
const object = (kind: string, spec: string, name = 'rule', apiVersion = 'networking.istio.io/v1') =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: production }\n${spec}\n`;
const virtualService = (routes: string, host = HOST, name?: string) =>
  object('VirtualService', `spec:\n  hosts: [${host}]\n  http:\n${routes}`, name);
const to = (host: string, more = '') => `{ destination: { host: ${host}${more} } }`;
const destinationRule = (spec: string, host = HOST, name?: string) =>
  object('DestinationRule', `spec:\n  host: ${host}\n${spec}`, name);
const SUBSETS = '  subsets: [{ name: v1, labels: { version: v1 } }]';
const policy = (locality: string, detection = 'outlierDetection: { maxEjectionPercent: 100 }') =>
  `  trafficPolicy:\n    loadBalancer: { localityLbSetting: { ${locality} } }\n    ${detection}`;
const FAILOVER = 'failover: [{ from: us-east-1, to: us-west-2 }]';
const secret = (name: string, key: string, namespace = 'istio-system') =>
  `apiVersion: v1\nkind: Secret\nmetadata: { name: ${name}, namespace: ${namespace} }\ndata: { ${key}: eA== }\n`;
const service = (name: string, selector: string) =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name}, namespace: istio-system }\nspec:\n  selector: { ${selector} }\n  ports: [{ name: x, port: 1 }]\n`;
const alert = (expr: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: rules, namespace: production }\ndata:\n  rules: |\n    groups:\n      - expr: ${expr}\n`;
const prometheus = (expr: string) =>
  object(
    'PrometheusRule',
    `spec: { groups: [{ name: a, rules: [{ alert: A, expr: '${expr}' }] }] }`,
    'a',
    'monitoring.coreos.com/v1',
  );
const other = (rule: string) => `${rule}---\n`;

const WRONG: [name: string, rules: string, expected: string[], around?: Around][] = [
  [
    'weights that make 90',
    virtualService(
      `    - route: [${to(HOST).replace(' }', ' }, weight: 80')}, ${to(HOST).replace(' }', ' }, weight: 10')}]`,
    ),
    ['warning 7 weights-sum'],
  ],
  [
    'a destination that gets nothing',
    virtualService(`    - route: [${to(HOST).replace(' }', ' }, weight: 80')}, ${to(HOST)}]`),
    ['warning 7 weights-sum'],
  ],
  [
    'several without weights',
    virtualService(`    - route: [${to(HOST)}, ${to(HOST)}]`),
    ['warning 7 weights-sum'],
  ],
  ['a host that nobody has', virtualService(`    - route: [${to('nowhere')}]`), ['warning 7 unknown-host']],
  ['half a name', virtualService(`    - route: [${to('backend.production')}]`), ['warning 7 unknown-host']],
  [
    'a mirror nowhere',
    virtualService(`    - { route: [${to(HOST)}], mirror: { host: nowhere } }`),
    ['warning 7 unknown-host'],
  ],
  [
    'a rule about no host',
    virtualService(`    - route: [${to(HOST)}]`, 'nowhere'),
    ['warning 5 unknown-host'],
  ],
  ['policy of no host', destinationRule('  trafficPolicy: {}', 'nowhere'), ['warning 5 unknown-host']],
  ['a host outside', virtualService(`    - route: [${to('api.example.com')}]`), ['warning 7 unknown-host']],
  ['a subset of no rule', virtualService(`    - route: [${to(HOST, ', subset: v1')}]`), ['7 unknown-subset']],
  [
    'another subset than those declared',
    other(virtualService(`    - route: [${to(HOST, ', subset: v3')}]`)) + destinationRule(SUBSETS),
    ['7 unknown-subset'],
  ],
  ['a subset without pods', destinationRule(SUBSETS.replaceAll('v1', 'v2')), ['warning 6 empty-subset']],
  [
    'a route behind one that takes all',
    virtualService(
      `    - route: [${to(HOST)}]\n    - { match: [{ method: { exact: GET } }], route: [${to(HOST)}] }`,
    ),
    ['warning 8 unreachable-route'],
  ],
  [
    'two VirtualServices',
    other(virtualService(`    - route: [${to(HOST)}]`)) +
      virtualService(`    - route: [${to(HOST)}]`, 'backend', 'b'),
    ['warning 13 two-rules'],
  ],
  [
    'two DestinationRules',
    other(destinationRule(SUBSETS)) + destinationRule('', HOST, 'b'),
    ['warning 12 two-rules'],
  ],
  [
    'a DestinationRule beside spec.traffic',
    destinationRule('  trafficPolicy: {}'),
    ['warning 5 two-rules'],
    { traffic: `  traffic: [{ host: ${HOST}, subsets: { v1: { version: v1 } } }]` },
  ],
  [
    'the very rule that spec.traffic makes',
    destinationRule('  trafficPolicy: {}', HOST, 'backend'),
    ['3 managed-object'],
    { traffic: `  traffic: [{ host: ${HOST}, subsets: { v1: { version: v1 } } }]` },
  ],
  ['failover alone', destinationRule(policy(FAILOVER, 'tls: {}')), ['7 failover-without-detection']],
  [
    'failover that ejects a tenth',
    destinationRule(policy(FAILOVER, 'outlierDetection: {}')),
    ['warning 8 ejection-limit'],
  ],
  [
    'failover of a subset',
    destinationRule(
      `  subsets:\n    - name: v1\n      labels: { version: v1 }\n${policy(FAILOVER, 'tls: {}').replace(/^/gm, '    ')}`,
    ),
    ['10 failover-without-detection'],
  ],
  [
    'failover and shares',
    destinationRule(policy(`${FAILOVER}, distribute: [{ from: us-east-1/*, to: { "us-west-2/*": 100 } }]`)),
    ['7 failover-and-distribute'],
  ],
  [
    'failover to itself',
    destinationRule(policy('failover: [{ from: us-east-1, to: us-east-1 }]')),
    ['7 same-region'],
  ],
  [
    'failover to nowhere',
    destinationRule(policy('failover: [{ from: us-east-1, to: us-west-9 }]')),
    ['warning 7 unknown-region'],
  ],
  [
    'shares for nowhere',
    destinationRule(policy('distribute: [{ from: us-east-1/*, to: { "us-west-9/*": 100 } }]')),
    ['warning 7 unknown-region'],
  ],
  ['rules where nobody reads', destinationRule(''), ['warning 2 unread-rule'], { clusters: '[cluster-2]' }],
  [
    "Istio's own ConfigMap",
    object('ConfigMap', '', 'istio', 'v1').replace('production', 'istio-system'),
    ['3 managed-object'],
  ],
  [
    'a webhook of a revision',
    'apiVersion: admissionregistration.k8s.io/v1\nkind: MutatingWebhookConfiguration\nmetadata: { name: istio-sidecar-injector-canary }\n',
    ['3 managed-object'],
  ],
  [
    'an IstioOperator that leads',
    'apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata: { name: a }\nspec: { values: { global: { externalIstiod: true, multiCluster: { clusterName: a } } } }\n',
    ['2 istio-operator'],
  ],
  ['a second exposure', service('istiod-public', 'app: istiod'), ['warning 5 istiod-selector']],
  ['the key of a CA', secret('my-ca', 'ca-key.pem', 'istio-system'), ['3 key-in-manifest']],
  ['credentials of a cluster', secret('istio-remote-secret-x', 'x'), ['3 key-in-manifest']],
  ['a metric that is not there', prometheus('sum(pilot_xds_push_errors) > 0'), ['warning 4 unknown-metric']],
  [
    'a label in a ConfigMap',
    alert('pilot_xds_pushes{type="cds", cluster="a"} == 0'),
    ['warning 5 unknown-label'],
  ],
];

const RIGHT: [name: string, rules: string, around?: Around][] = [
  ['short names, all weights', virtualService(`    - route: [${to('backend')}]`, 'backend')],
  [
    'rules for a gateway',
    object(
      'VirtualService',
      `spec:\n  hosts: [shop.example.com]\n  gateways: [edge]\n  http: [{ route: [${to(HOST)}] }]`,
    ),
  ],
  [
    'names of recording rules, and in labels',
    prometheus('istiod_load:rate5m + x:istiod_load + y{job="istiod_canary"} > pilot_xds_pushes'),
  ],
  [
    'a host of a ServiceEntry',
    other(virtualService(`    - route: [${to('api.example.com')}]`, 'api.example.com')) +
      object('ServiceEntry', 'spec: { hosts: [api.example.com] }', 'api'),
  ],
  ['a wildcard', destinationRule('  trafficPolicy: {}', '"*.example.com"')],
  ["Istio's own Services", destinationRule('  trafficPolicy: {}', 'istiod.istio-system.svc.cluster.local')],
  [
    'one for everybody, one for some',
    other(destinationRule(SUBSETS)) +
      destinationRule('  workloadSelector: { matchLabels: { app: a } }', HOST, 'b'),
  ],
  [
    'the subsets of spec.traffic',
    virtualService(`    - route: [${to(HOST, ', subset: v1')}]`),
    { traffic: `  traffic: [{ host: ${HOST}, subsets: { v1: { version: v1 } } }]` },
  ],
  [
    'a rule of the kind that spec.traffic does not make',
    destinationRule('  trafficPolicy: {}', HOST, 'backend'),
    { traffic: `  traffic: [{ host: ${HOST}, routes: [{ to: [{}], timeout: 5s }] }]` },
  ],
  ['failover as it should be', destinationRule(policy(FAILOVER))],
  ['locality switched off', destinationRule(policy(`enabled: false, ${FAILOVER}`, 'tls: {}'))],
  ['shares, anywhere else', destinationRule(policy('distribute: [{ from: us-east-1/*, to: { "*": 100 } }]'))],
  [
    'a subset that takes detection from the rule',
    destinationRule(
      `  trafficPolicy: { outlierDetection: { maxEjectionPercent: 50 } }\n  subsets:\n    - name: v1\n      labels: { version: v1 }\n${policy(FAILOVER, 'tls: {}').replace(/^/gm, '    ')}`,
    ),
  ],
  ['rules in all clusters', destinationRule(SUBSETS), { clusters: 'all' }],
  [
    'WorkloadEntries, which istiod reads everywhere',
    object('WorkloadEntry', 'spec: { address: 192.0.2.1 }'),
    { clusters: '[cluster-2]' },
  ],
  ['istiod of one revision', service('istiod-public', 'app: istiod, istio.io/rev: default')],
  ['a Secret of an application', secret('web', 'password', 'production')],
  ['metrics that know clusters', alert('istiod_remote_cluster_sync_status{cluster="a"} == 0')],
  [
    'metrics that are there, of all kinds',
    prometheus(
      'histogram_quantile(0.9, pilot_proxy_convergence_time_bucket) > 1 or citadel_server_root_cert_expiry_timestamp',
    ),
  ],
  ['metrics by type', alert('pilot_xds_pushes{type="cds"} == 0')],
];

const wrong = suite('wrong');
for (const [name, rules, expected, around] of WRONG)
  wrong(name, async () => assert.equal(await found(rules, around), expected));
wrong.run();

const right = suite('right');
for (const [name, rules, around] of RIGHT)
  right(name, async () => assert.equal(await found(rules, around), []));
right.run();
