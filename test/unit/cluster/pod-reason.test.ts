import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type PodEvent, reasonOf, refusalOf } from '../../../src/cluster/rollout/pod-reason.js';
import type { KubeObject } from '../../../src/model/kube.js';

const test = suite('why a pod is not ready');

const pod = (status: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-1', namespace: 'shop' },
  status: { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'True' }], ...status },
});
const unscheduled = (message: string, reason = 'Unschedulable') =>
  pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason, message }] });
const waiting = (reason: string, message: string, more: object = {}) =>
  pod({
    containerStatuses: [
      { name: 'web', ready: false, restartCount: 0, state: { waiting: { reason, message } }, ...more },
    ],
  });
const running = { running: { startedAt: '2026-11-25T08:00:00Z' } };
const unready = (name = 'web') =>
  pod({
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      {
        type: 'Ready',
        status: 'False',
        reason: 'ContainersNotReady',
        message: `containers with unready status: [${name}]`,
      },
    ],
    containerStatuses: [{ name, ready: false, started: true, restartCount: 0, state: running }],
  });
const ended = (terminated: object, restartCount = 4) =>
  waiting('CrashLoopBackOff', 'back-off 1m20s restarting failed container=web pod=web-1_shop(7f)', {
    restartCount,
    lastState: { terminated },
  });

const warning = (reason: string, message: string): PodEvent => ({
  type: 'Warning',
  reason,
  message,
  count: 8,
});

/** Statuses and events as kubelets and schedulers of Kubernetes 1.30 to 1.37 write them. */
const cases: [title: string, pod: KubeObject, events: PodEvent[], text: string, hint: RegExp][] = [
  [
    'no cpu',
    unscheduled(
      '0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.',
    ),
    [],
    'pod web-1: Unschedulable: 0/3 nodes are available: 3 Insufficient cpu.',
    /no room.*resources\.requests/,
  ],
  [
    'a taint',
    unscheduled('0/1 nodes are available: 1 node(s) had untolerated taint(s).'),
    [],
    'pod web-1: Unschedulable: 0/1 nodes are available: 1 node(s) had untolerated taint(s).',
    /toleration/,
  ],
  [
    'a node selector',
    unscheduled("0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."),
    [],
    "pod web-1: Unschedulable: 0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.",
    /--show-labels/,
  ],
  [
    'anti-affinity',
    unscheduled("0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules."),
    [],
    "pod web-1: Unschedulable: 0/1 nodes are available: 1 node(s) didn't match pod anti-affinity rules.",
    /loosen/,
  ],
  [
    'a claim that is not bound',
    unscheduled('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found'),
    [],
    'pod web-1: Unschedulable: 0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found',
    /StorageClass/,
  ],
  [
    'a claim that is missing',
    unscheduled('0/1 nodes are available: persistentvolumeclaim "data" not found.'),
    [],
    'pod web-1: Unschedulable: 0/1 nodes are available: persistentvolumeclaim "data" not found.',
    /Declare the PersistentVolumeClaim/,
  ],
  [
    'a scheduling gate',
    unscheduled('Scheduling is blocked due to non-empty scheduling gates', 'SchedulingGated'),
    [],
    'pod web-1: SchedulingGated: Scheduling is blocked due to non-empty scheduling gates',
    /gates off/,
  ],
  [
    'an image that is not there',
    waiting(
      'ErrImagePull',
      'failed to pull and unpack image "docker.io/library/web:v9": failed to resolve reference "docker.io/library/web:v9": docker.io/library/web:v9: not found',
    ),
    [],
    'pod web-1, container web: ErrImagePull: failed to pull and unpack image "docker.io/library/web:v9": failed to resolve reference "docker.io/library/web:v9": docker.io/library/web:v9: not found',
    /no such image/,
  ],
  [
    'a registry that wants a login',
    waiting(
      'ErrImagePull',
      'failed to pull and unpack image "r.example/web:v1": failed to resolve reference "r.example/web:v1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ),
    [],
    'pod web-1, container web: ErrImagePull: failed to pull and unpack image "r.example/web:v1": failed to resolve reference "r.example/web:v1": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    /imagePullSecrets/,
  ],
  [
    'a registry that no node reaches, told by the event alone',
    waiting('ImagePullBackOff', 'Back-off pulling image "r.example/web:v1"'),
    [
      warning('Failed', 'Error: ImagePullBackOff'),
      warning('Failed', 'Failed to pull image "r.example/web:v1": dial tcp: lookup r.example: no such host'),
    ],
    'pod web-1, container web: ImagePullBackOff: Failed to pull image "r.example/web:v1": dial tcp: lookup r.example: no such host',
    /do not reach the registry/,
  ],
  [
    'a name that is no image',
    waiting(
      'InvalidImageName',
      'Failed to apply default image tag "Web": couldn\'t parse image name "Web": invalid reference format: repository name must be lowercase',
    ),
    [],
    'pod web-1, container web: InvalidImageName: Failed to apply default image tag "Web": couldn\'t parse image name "Web": invalid reference format: repository name must be lowercase',
    /not valid/,
  ],
  [
    'an image that may not be pulled',
    waiting('ErrImageNeverPull', 'Container image "web:v1" is not present with pull policy of Never'),
    [],
    'pod web-1, container web: ErrImageNeverPull: Container image "web:v1" is not present with pull policy of Never',
    /imagePullPolicy is Never/,
  ],
  [
    'a crash loop',
    ended({ exitCode: 3, reason: 'Error', message: 'no database\n' }),
    [],
    'pod web-1, container web: CrashLoopBackOff, exit code 3 after 4 restarts: no database',
    /kubectl logs -n shop web-1 -c web --previous`\.$/,
  ],
  [
    'a container that ends well, again and again',
    ended({ exitCode: 0, reason: 'Completed' }, 1),
    [],
    'pod web-1, container web: CrashLoopBackOff, exit code 0 (Completed) after 1 restart',
    /must go on running/,
  ],
  [
    'too little memory',
    ended({ exitCode: 137, reason: 'OOMKilled' }),
    [],
    'pod web-1, container web: CrashLoopBackOff, exit code 137 (OOMKilled) after 4 restarts',
    /resources\.limits\.memory/,
  ],
  [
    'a command that is not in the image',
    ended({
      exitCode: 128,
      reason: 'StartError',
      message:
        'failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "serve": executable file not found in $PATH',
    }),
    [],
    'pod web-1, container web: CrashLoopBackOff, exit code 128 (StartError) after 4 restarts: exec: "serve": executable file not found in $PATH',
    /not in the image/,
  ],
  [
    'the end of a run, before it is called a loop',
    pod({
      phase: 'Running',
      containerStatuses: [
        {
          name: 'web',
          ready: false,
          restartCount: 0,
          state: { terminated: { exitCode: 1, reason: 'Error' } },
        },
      ],
    }),
    [],
    'pod web-1, container web: it ended, exit code 1',
    /kubectl logs -n shop web-1 -c web`\.$/,
  ],
  [
    'between two crashes',
    pod({
      phase: 'Running',
      containerStatuses: [
        {
          name: 'web',
          ready: false,
          restartCount: 2,
          state: running,
          lastState: { terminated: { exitCode: 1, reason: 'Error' } },
        },
      ],
    }),
    [],
    'pod web-1, container web: it ended, exit code 1 after 2 restarts',
    /--previous/,
  ],
  [
    'a ConfigMap that is missing',
    waiting('CreateContainerConfigError', 'configmap "settings" not found'),
    [],
    'pod web-1, container web: CreateContainerConfigError: configmap "settings" not found',
    /Declare the ConfigMap/,
  ],
  [
    'a Secret that is missing',
    waiting('CreateContainerConfigError', 'secret "login" not found'),
    [],
    'pod web-1, container web: CreateContainerConfigError: secret "login" not found',
    /Make the Secret/,
  ],
  [
    'a key that is missing',
    waiting('CreateContainerConfigError', "couldn't find key url in ConfigMap shop/settings"),
    [],
    "pod web-1, container web: CreateContainerConfigError: couldn't find key url in ConfigMap shop/settings",
    /lacks the key/,
  ],
  [
    'an image that runs as root',
    waiting(
      'CreateContainerConfigError',
      'container has runAsNonRoot and image will run as root (pod: "web-1_shop(7f)", container: web)',
    ),
    [],
    'pod web-1, container web: CreateContainerConfigError: container has runAsNonRoot and image will run as root (pod: "web-1_shop(7f)", container: web)',
    /runAsUser/,
  ],
  [
    'a volume of a ConfigMap that is missing',
    waiting('ContainerCreating', ''),
    [warning('FailedMount', 'MountVolume.SetUp failed for volume "cfg" : configmap "settings" not found')],
    'pod web-1: FailedMount: MountVolume.SetUp failed for volume "cfg" : configmap "settings" not found',
    /Declare the ConfigMap that the volume names/,
  ],
  [
    "a volume of istiod's root, which is missing",
    waiting('PodInitializing', ''),
    [
      warning(
        'FailedMount',
        'MountVolume.SetUp failed for volume "istiod-ca-cert" : configmap "istio-ca-root-cert" not found',
      ),
    ],
    'pod web-1: FailedMount: MountVolume.SetUp failed for volume "istiod-ca-cert" : configmap "istio-ca-root-cert" not found',
    /one-root/,
  ],
  [
    'a disk that another pod holds',
    waiting('ContainerCreating', ''),
    [
      warning(
        'FailedAttachVolume',
        'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) web-0',
      ),
    ],
    'pod web-1: FailedAttachVolume: Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) web-0',
    /Another pod holds/,
  ],
  [
    'no network on the node',
    waiting('ContainerCreating', ''),
    [
      warning(
        'FailedCreatePodSandBox',
        'Failed to create pod sandbox: rpc error: code = Unknown desc = plugin type="bridge" failed',
      ),
    ],
    'pod web-1: FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = plugin type="bridge" failed',
    /CNI/,
  ],
  [
    'a readiness probe that fails',
    unready(),
    [warning('Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503')],
    'pod web-1, container web: runs, and is not ready: Readiness probe failed: HTTP probe failed with statuscode: 503',
    /its probe/,
  ],
  [
    'a proxy that does not reach istiod',
    pod({
      initContainerStatuses: [
        { name: 'istio-proxy', ready: false, started: false, restartCount: 0, state: running },
      ],
      containerStatuses: [{ name: 'web', ready: false, state: { waiting: { reason: 'PodInitializing' } } }],
    }),
    [
      warning(
        'Unhealthy',
        'Startup probe failed: Get "http://10.1.0.7:15021/healthz/ready": dial tcp 10.1.0.7:15021: connect: connection refused',
      ),
    ],
    'pod web-1, container istio-proxy: has not started: Startup probe failed: Get "http://10.1.0.7:15021/healthz/ready": dial tcp 10.1.0.7:15021: connect: connection refused',
    /istiod.*15012/,
  ],
  [
    'istio-init without its rights',
    pod({
      initContainerStatuses: [
        {
          name: 'istio-init',
          ready: false,
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
          lastState: { terminated: { exitCode: 255, reason: 'Error' } },
        },
      ],
      containerStatuses: [{ name: 'web', ready: false, state: { waiting: { reason: 'PodInitializing' } } }],
    }),
    [],
    'pod web-1, container istio-init: CrashLoopBackOff, exit code 255 after 3 restarts',
    /NET_ADMIN/,
  ],
  [
    "a proxy that keeps a Job's pod",
    pod({
      phase: 'Running',
      containerStatuses: [
        { name: 'work', ready: false, restartCount: 0, state: { terminated: { exitCode: 0 } } },
        { name: 'istio-proxy', ready: true, restartCount: 0, state: running },
      ],
    }),
    [],
    'pod web-1, container istio-proxy: still runs, though all others have ended',
    /native sidecar/,
  ],
];
for (const [title, object, events, text, hint] of cases) {
  test(title, () => {
    const reason = reasonOf(object, events);
    assert.is(reason?.text, text);
    assert.match(reason?.hint ?? '', hint);
    assert.not.ok(reason?.passing, 'it is told without a look at the events');
  });
}

const passing: [title: string, pod: KubeObject, text: string][] = [
  ['a pod without a node', { ...pod({}), status: { phase: 'Pending' } }, 'pod web-1 is not on a node yet'],
  [
    'containers that are being made',
    waiting('ContainerCreating', ''),
    'pod web-1, container web: ContainerCreating',
  ],
  ['a container that is not ready yet', unready(), 'pod web-1, container web: runs, and is not ready'],
];
for (const [title, object, text] of passing) {
  test(`${title}: every pod goes through that`, () => {
    assert.equal(reasonOf(object), { text, passing: true });
  });
}

test('a probe that has failed once may be that of a start: no hint yet', () => {
  const once = { ...warning('Unhealthy', 'Readiness probe failed: connection refused'), count: 1 };
  const text = 'pod web-1, container web: runs, and is not ready: Readiness probe failed: connection refused';
  assert.equal(reasonOf(unready(), [once]), { text, passing: true });
});

test('an evicted pod says so', () => {
  const evicted = pod({
    phase: 'Failed',
    reason: 'Evicted',
    message: 'The node was low on resource: memory.',
  });
  assert.is(reasonOf(evicted)?.text, 'pod web-1 has failed: Evicted: The node was low on resource: memory.');
});

test('nothing is the matter with a pod that is ready', () => {
  const ready = pod({
    phase: 'Running',
    conditions: [
      { type: 'PodScheduled', status: 'True' },
      { type: 'Ready', status: 'True' },
    ],
    initContainerStatuses: [
      { name: 'istio-init', ready: true, restartCount: 0, state: { terminated: { exitCode: 0 } } },
      { name: 'istio-proxy', ready: true, started: true, restartCount: 0, state: running },
    ],
    containerStatuses: [
      {
        name: 'web',
        ready: true,
        restartCount: 1,
        state: running,
        lastState: { terminated: { exitCode: 1 } },
      },
    ],
  });
  assert.is(reasonOf(ready), undefined);
});

const refusals: [message: string, hint: RegExp][] = [
  [
    'pods "web-1" is forbidden: exceeded quota: small, requested: cpu=1, used: cpu=0, limited: cpu=500m',
    /used up/,
  ],
  ['pods "web-1" is forbidden: failed quota: small: must specify limits.cpu for: web', /LimitRange/],
  ['pods "web-1" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi', /LimitRange/],
  [
    'pods "web-1" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false)',
    /securityContext/,
  ],
  [
    'Internal error occurred: failed calling webhook "namespace.sidecar-injector.istio.io": failed to call webhook: dial tcp 10.0.0.1:443: connect: connection refused',
    /injector-address/,
  ],
  [
    'pods "web-1" is forbidden: error looking up service account shop/web: serviceaccount "web" not found',
    /ServiceAccount/,
  ],
  ['pods "web-1" is forbidden: no PriorityClass with name high was found', /PriorityClass/],
  ['admission webhook "policy.example" denied the request: no', /policy/],
];
for (const [message, hint] of refusals) {
  test(`refused: ${message.slice(0, 60)}`, () => {
    const reason = refusalOf(message);
    const words = message.replace(/^pods "web-1" is forbidden: /, '');
    assert.is(reason.text, `pods are refused: ${words}`);
    assert.match(reason.hint ?? '', hint);
  });
}

const preambles = [
  'Error creating: ',
  '(combined from similar events): Error creating: ',
  'create Pod web-1 in StatefulSet web failed error: ',
];
for (const preamble of preambles) {
  test(`refused: without the words of the controller, ${preamble}`, () => {
    const { text } = refusalOf(`${preamble}pods "web-1" is forbidden: exceeded quota: small`);
    assert.is(text, 'pods are refused: exceeded quota: small');
  });
}

test.run();
