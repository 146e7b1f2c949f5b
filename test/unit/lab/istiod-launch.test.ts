import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { argsOnThisMachine, type IstiodPod, istiodLaunch } from '../../../src/lab/agent/istiod-launch.js';

const pod = (container: object, metadata: object = {}): IstiodPod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'istiod-1', namespace: 'istio-system', labels: { app: 'istiod' }, ...metadata },
  spec: {
    serviceAccountName: 'istiod',
    containers: [{ name: 'discovery', args: ['discovery'], ...container }],
  },
  status: { podIP: '10.1.2.3' },
});

test('literal values, fields of the pod, labels and limits become the environment', () => {
  const env = [
    { name: 'REVISION', value: 'default' },
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'SERVICE_ACCOUNT', valueFrom: { fieldRef: { fieldPath: 'spec.serviceAccountName' } } },
    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
    { name: 'CPUS', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
    { name: 'NO_LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
  ];
  assert.equal(istiodLaunch(pod({ env, resources: { limits: { cpu: '2' } } })).env, {
    REVISION: 'default',
    POD_NAME: 'istiod-1',
    SERVICE_ACCOUNT: 'istiod',
    POD_IP: '10.1.2.3',
    APP: 'istiod',
    CPUS: '2',
  });
});

test('$(NAME) takes earlier variables, in values and in arguments; unknown ones stay', () => {
  const env = [
    { name: 'A', value: 'one' },
    { name: 'B', value: '$(A) $(LATER) $$(A)' },
    { name: 'LATER', value: 'x' },
  ];
  const launch = istiodLaunch(pod({ env, args: ['discovery', '--domain', '$(A).local'] }));
  assert.is(launch.env.B, 'one $(LATER) $(A)');
  assert.equal(launch.args, ['discovery', '--domain', 'one.local']);
});

test('ports come from the flags, and are the usual ones without', () => {
  const launch = istiodLaunch(
    pod({
      args: [
        'discovery',
        '--monitoringAddr=:15914',
        '--httpsAddr',
        '0.0.0.0:443',
        '--httpAddr',
        ':1',
        '--httpAddr=:2',
      ],
    }),
  );
  assert.equal(launch.declaredPorts, {
    httpAddr: 2,
    grpcAddr: 15010,
    secureGRPCAddr: 15012,
    httpsAddr: 443,
    monitoringAddr: 15914,
  });
});

test("this machine's addresses come after the pod's own, so they count", () => {
  const ports = { httpAddr: 1, grpcAddr: 2, secureGRPCAddr: 3, httpsAddr: 4, monitoringAddr: 5 };
  const args = argsOnThisMachine(['discovery', '--monitoringAddr=:15014'], '/lab/kubeconfig', ports);
  assert.is(args[1], '--monitoringAddr=:15014');
  assert.ok(args.lastIndexOf('--monitoringAddr=127.0.0.1:5') > 1);
  assert.ok(args.includes('--kubeconfig=/lab/kubeconfig'));
});

test.run();
