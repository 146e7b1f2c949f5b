import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type IstiodPod, istiodLaunch } from '../../../src/lab/agent/istiod-launch.js';
import {
  type Backend,
  destinationOfLoadBalancer,
  destinationOfPod,
  destinationOfService,
  destinationOfSlices,
  type Service,
} from '../../../src/lab/agent/routes.js';

const pod: IstiodPod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'istiod-1',
    namespace: 'istio-system',
    labels: { app: 'istiod', 'istio.io/rev': 'default' },
  },
  spec: {
    containers: [
      { name: 'discovery', args: ['discovery'], ports: [{ name: 'https-webhooks', containerPort: 15017 }] },
    ],
  },
  status: { podIP: '10.128.0.2' },
};

const backend: Backend = {
  namespace: 'istio-system',
  pods: [pod],
  ready: true,
  launch: istiodLaunch(pod),
  ports: { httpAddr: 1, grpcAddr: 2, secureGRPCAddr: 3, httpsAddr: 4, monitoringAddr: 5 },
};

const service = (spec: Service['spec'], metadata: object = {}): Service => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'istiod',
    namespace: 'istio-system',
    creationTimestamp: '2026-01-02T00:00:00Z',
    ...metadata,
  },
  spec,
});

const selector = { app: 'istiod' };
const here = (port: number) => ({ host: '127.0.0.1', port });

test('a Service leads to the ready istiod that it selects, by number or by name', () => {
  const ports = [
    { port: 443, targetPort: 15017 },
    { port: 444, targetPort: 'https-webhooks' },
    { port: 15012 },
  ];
  const istiod = service({ selector, ports });
  assert.equal(destinationOfService(istiod, 443, [backend]), here(4));
  assert.equal(destinationOfService(istiod, 444, [backend]), here(4));
  assert.equal(destinationOfService(istiod, 15012, [backend]), here(3));
});

test('a Service leads nowhere with a wrong port, selector, namespace, or without a ready pod', () => {
  const ports = [{ port: 443, targetPort: 15017 }];
  const right = service({ selector, ports });
  assert.is(destinationOfService(right, 444, [backend]), undefined);
  assert.is(destinationOfService(service({ selector: { app: 'other' }, ports }), 443, [backend]), undefined);
  assert.is(
    destinationOfService(service({ selector, ports }, { namespace: 'other' }), 443, [backend]),
    undefined,
  );
  assert.is(destinationOfService(right, 443, [{ ...backend, ready: false }]), undefined);
  assert.is(
    destinationOfService(service({ selector, ports: [{ port: 443, targetPort: 1 }] }), 443, [backend]),
    undefined,
  );
});

test('the load balancer serves Services of its type only, the oldest first, none with a foreign class', () => {
  const ports = [{ port: 15012 }];
  const inner = service({ type: 'ClusterIP', selector, ports });
  const foreign = service({ type: 'LoadBalancer', loadBalancerClass: 'example.com/other', selector, ports });
  const right = service({ type: 'LoadBalancer', selector, ports });
  const older = service(
    { type: 'LoadBalancer', selector: { app: 'other' }, ports },
    { creationTimestamp: '2026-01-01T00:00:00Z' },
  );
  assert.is(destinationOfLoadBalancer([inner, foreign], 15012, [backend]), undefined);
  assert.equal(destinationOfLoadBalancer([inner, right], 15012, [backend]), {
    destination: here(3),
    since: '2026-01-02T00:00:00Z',
  });
  assert.is(destinationOfLoadBalancer([right, older], 15012, [backend]), undefined);
});

test("a pod's address leads to its process", () => {
  assert.equal(destinationOfPod('10.128.0.2', 8080, [backend]), here(1));
  assert.is(destinationOfPod('10.128.0.9', 8080, [backend]), undefined);
});

test('a Service without selector leads to its slices, by the name of the port', () => {
  const remote = service({ ports: [{ name: 'tcp-webhook', port: 443, targetPort: 15017 }] });
  const slice = (ready: boolean) => ({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'istiod' },
    endpoints: [{ addresses: ['172.31.9.1'], conditions: { ready } }],
    ports: [
      { name: 'tcp-istiod', port: 15012 },
      { name: 'tcp-webhook', port: 15017 },
    ],
  });
  assert.equal(destinationOfSlices(remote, 443, [slice(true)]), { host: '172.31.9.1', port: 15017 });
  assert.is(destinationOfSlices(remote, 443, [slice(false)]), undefined);
});

test.run();
