import * as assert from 'uvu/assert';
import { labOverlay } from '../../src/lab/overlay.js';
import { generateRoot, issueIntermediate } from '../../src/pki/index.js';
import type { Lab } from '../support/lab.js';
import { until } from '../support/until.js';

/** What the lab itself needs, as its overlay says it to meshplan. */
const { istio, controlPlane } = labOverlay.spec;
const LAB = valuesOf({
  ...istio,
  values: { ...istio.values, pilot: { ...istio.values.pilot, ...controlPlane } },
});

/** `values.pilot.env.NAME=false`, … */
function valuesOf(tree: object, path: string[] = []): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'object' ? valuesOf(value, [...path, key]) : [`${[...path, key].join('.')}=${value}`],
  );
}

const MESH = { meshID: 'mesh1', network: 'network1' };
const HOST = 'backend.production.svc.cluster.local';

/**
 * Does what the usual guide to primary and remote says, value by value, with istioctl and kubectl: nothing is
 * left out that it says, and nothing added. The ingress gateway of its profile is not installed, for no image
 * of one is here.
 */
export async function followTheGuide(lab: Lab): Promise<void> {
  await giveCertificates(lab);
  await install(lab, 'cluster-1', {
    profile: 'minimal',
    meshConfig: { accessLogFile: '/dev/stdout' },
    values: { global: { ...MESH, multiCluster: { clusterName: 'cluster-1' } } },
  });
  await create(lab, 'cluster-1', [EXPOSURE]);
  const address = await exposedAt(lab);
  await lab.kubectl('cluster-2', 'label', 'namespace', 'istio-system', 'topology.istio.io/network=network1');
  await install(lab, 'cluster-2', {
    profile: 'remote',
    values: {
      global: { ...MESH, multiCluster: { clusterName: 'cluster-2' }, remotePilotAddress: address },
      istiodRemote: { injectionURL: `https://${address}:15017/inject` },
    },
  });
  const secret = await istioctl(lab, 'create-remote-secret', '--context=cluster-2', '--name=cluster-2');
  await lab.kubectl('cluster-1', 'apply', '-f', await lab.write('remote-secret.yaml', secret));
  await create(lab, 'cluster-1', application('frontend', 2));
  await create(lab, 'cluster-2', application('backend', 3));
  await create(lab, 'cluster-1', TRAFFIC);
}

/** The address that the load balancer gives Service istiod-external. */
export const exposedAt = (lab: Lab): Promise<string> =>
  until(
    'the address of istiod-external',
    () => ingressOf(lab),
    (address) => address !== '',
  );

const ingressOf = (lab: Lab) =>
  lab.kubectl(
    ...(['cluster-1', '-n', 'istio-system', 'get', 'service', 'istiod-external', '-o'] as const),
    'jsonpath={.status.loadBalancer.ingress[0].ip}',
  );

async function giveCertificates(lab: Lab): Promise<void> {
  const organization = 'By hand';
  const root = await generateRoot({ organization, commonName: 'Root', validityDays: 900, keyBits: 2048 });
  for (const cluster of ['cluster-1', 'cluster-2']) {
    const request = { root, cluster, organization, validityDays: 800, keyBits: 2048 };
    await create(lab, cluster, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system' } },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'cacerts', namespace: 'istio-system' },
        stringData: await issueIntermediate(request),
      },
    ]);
  }
}

async function install(lab: Lab, cluster: string, spec: object): Promise<void> {
  const operator = { apiVersion: 'install.istio.io/v1alpha1', kind: 'IstioOperator', spec };
  const file = await lab.write(`${cluster}-operator.json`, JSON.stringify(operator));
  const sets = LAB.flatMap((value) => ['--set', value]);
  await istioctl(lab, 'install', '-y', '-f', file, '--context', cluster, ...sets);
}

async function istioctl(lab: Lab, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.run('istioctl', ...args);
  assert.is(code, 0, stderr);
  return stdout;
}

async function create(lab: Lab, cluster: string, items: object[]): Promise<void> {
  const list = { apiVersion: 'v1', kind: 'List', items };
  await lab.kubectl(cluster, 'apply', '-f', await lab.write('by-hand.json', JSON.stringify(list)));
}

/** The selector catches every revision, and both ports are as the guide has them. */
const EXPOSURE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'istiod-external', namespace: 'istio-system' },
  spec: {
    type: 'LoadBalancer',
    selector: { app: 'istiod' },
    ports: [
      { name: 'https-dns', port: 15012 },
      { name: 'https-webhook', port: 15017 },
    ],
  },
};

/** The Service's port has no name, and each application is in one cluster alone. */
const application = (name: string, replicas: number) => [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'production', labels: { 'istio-injection': 'enabled' } },
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'production' },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name, version: 'v1' } },
        spec: { containers: [{ name, image: `${name}:v1`, ports: [{ containerPort: 8080 }] }] },
      },
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: 'production' },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  },
];

const rule = (kind: string, name: string, spec: object) => ({
  apiVersion: 'networking.istio.io/v1beta1',
  kind,
  metadata: { name, namespace: 'production' },
  spec,
});
const to = (subset: string, weight?: number) => ({
  destination: { host: HOST, subset },
  ...(weight ? { weight } : {}),
});

/** A subset without pods, two DestinationRules for one host, and an ejection of at most a tenth. */
const TRAFFIC = [
  rule('VirtualService', 'backend-route', {
    hosts: [HOST],
    http: [
      { match: [{ headers: { version: { exact: 'v2' } } }], route: [to('v2')] },
      { route: [to('v1', 80), to('v2', 20)] },
    ],
  }),
  rule('DestinationRule', 'backend-destination', {
    host: HOST,
    subsets: ['v1', 'v2'].map((version) => ({ name: version, labels: { version } })),
  }),
  rule('DestinationRule', 'backend-locality', {
    host: HOST,
    trafficPolicy: {
      loadBalancer: {
        localityLbSetting: { enabled: true, failover: [{ from: 'us-east-1', to: 'us-west-2' }] },
      },
      outlierDetection: { consecutive5xxErrors: 5, interval: '30s', baseEjectionTime: '30s' },
    },
  }),
];
