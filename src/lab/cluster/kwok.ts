import type { Level1Cluster } from '../state.js';

/**
 * kwok's configuration: how fake nodes and pods behave. Its templates are Go templates over the object.
 *
 * Pods labelled `app=istiod` are started by kwok but never made Ready by it: the lab's agent does that
 * while the real istiod serves (see `agent/pod-status.ts`).
 */
export function kwokConfiguration(cluster: Level1Cluster): string {
  const documents = [
    nodeInitialize,
    nodeHeartbeat,
    podReady,
    podRecover,
    istiodRunning,
    podComplete,
    podDelete,
    portForward(cluster),
  ];
  return documents.map((document) => `---\n${JSON.stringify(document)}\n`).join('');
}

interface Expression {
  key: string;
  operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  values?: string[];
}

function stage(name: string, kind: 'Node' | 'Pod', matchExpressions: Expression[], rest: object) {
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'Stage',
    metadata: { name },
    spec: { resourceRef: { apiGroup: 'v1', kind }, selector: { matchExpressions }, ...rest },
  };
}

const READY = '.status.conditions.[] | select( .type == "Ready" ) | .status';
const alive: Expression = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const pending: Expression = { key: '.status.phase', operator: 'In', values: ['Pending'] };
const isIstiod = (operator: 'In' | 'NotIn'): Expression => ({
  key: '.metadata.labels["app"]',
  operator,
  values: ['istiod'],
});

const nodeConditions = `{{ $now := Now }}
conditions:
{{ range NodeConditions }}
- type: {{ .type | Quote }}
  status: {{ .status | Quote }}
  reason: {{ .reason | Quote }}
  message: {{ .message | Quote }}
  lastHeartbeatTime: {{ $now | Quote }}
  lastTransitionTime: {{ or $.metadata.creationTimestamp $now | Quote }}
{{ end }}
`;

const nodeInitialize = stage(
  'node-initialize',
  'Node',
  [{ key: READY, operator: 'NotIn', values: ['True'] }],
  {
    next: {
      statusTemplate: `${nodeConditions}
addresses: [ { type: InternalIP, address: {{ NodeIP | Quote }} } ]
daemonEndpoints: { kubeletEndpoint: { Port: {{ NodePort }} } }
allocatable: { cpu: 1k, memory: 1Ti, pods: 10k }
capacity: { cpu: 1k, memory: 1Ti, pods: 10k }
nodeInfo:
  architecture: amd64
  operatingSystem: linux
  bootID: ""
  containerRuntimeVersion: {{ printf "kwok-%s" Version }}
  kernelVersion: {{ printf "kwok-%s" Version }}
  kubeProxyVersion: {{ printf "kwok-%s" Version }}
  kubeletVersion: {{ printf "kwok-%s" Version }}
  machineID: ""
  osImage: ""
  systemUUID: ""
phase: Running
`,
    },
  },
);

/** kwok renews the node's lease beside this (see `kwokArgs`); the status is rewritten rarely, as a kubelet does. */
const nodeHeartbeat = stage('node-heartbeat', 'Node', [{ key: READY, operator: 'In', values: ['True'] }], {
  delay: { durationMilliseconds: 300_000, jitterDurationMilliseconds: 330_000 },
  next: { statusTemplate: nodeConditions },
});

/** A pod's status as a kubelet writes it once its containers run. `ready` is "true" or "false". */
const runningStatus = (ready: 'true' | 'false') => {
  const condition = ready === 'true' ? 'True' : 'False';
  return `{{ $now := Now }}
conditions:
- { type: Initialized, status: "True", lastTransitionTime: {{ $now | Quote }} }
- { type: Ready, status: "${condition}", lastTransitionTime: {{ $now | Quote }} }
- { type: ContainersReady, status: "${condition}", lastTransitionTime: {{ $now | Quote }} }
{{ range .spec.readinessGates }}
- { type: {{ .conditionType | Quote }}, status: "True", lastTransitionTime: {{ $now | Quote }} }
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: ${ready}
  started: ${ready}
  restartCount: 0
  state: { running: { startedAt: {{ $now | Quote }} } }
{{ end }}
{{ with .spec.initContainers }}
initContainerStatuses:
{{ range . }}
- name: {{ .name | Quote }}
  image: {{ .image | Quote }}
  imageID: ""
  ready: true
  restartCount: 0
  {{ if eq .restartPolicy "Always" }}
  started: true
  state: { running: { startedAt: {{ $now | Quote }} } }
  {{ else }}
  state:
    terminated:
      exitCode: 0
      reason: Completed
      startedAt: {{ $now | Quote }}
      finishedAt: {{ $now | Quote }}
  {{ end }}
{{ end }}
{{ end }}
hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
{{ $ip := PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) ( or .metadata.name "" ) ( or .metadata.namespace "" ) }}
podIP: {{ $ip | Quote }}
podIPs: [ { ip: {{ $ip | Quote }} } ]
phase: Running
startTime: {{ $now | Quote }}
`;
};

const podReady = stage('pod-ready', 'Pod', [alive, pending, isIstiod('NotIn')], {
  next: { statusTemplate: runningStatus('true') },
});

/**
 * After a stall of the machine the node controller may call a node lost and its pods not ready; a kubelet
 * would set them right again.
 */
const podRecover = stage(
  'pod-recover',
  'Pod',
  [
    alive,
    { key: '.status.phase', operator: 'In', values: ['Running'] },
    { key: READY, operator: 'In', values: ['False'] },
    isIstiod('NotIn'),
  ],
  { delay: { durationMilliseconds: 1_000 }, next: { statusTemplate: runningStatus('true') } },
);

const istiodRunning = stage('istiod-running', 'Pod', [alive, pending, isIstiod('In')], {
  next: { statusTemplate: runningStatus('false') },
});

const podComplete = stage(
  'pod-complete',
  'Pod',
  [
    alive,
    { key: '.status.phase', operator: 'In', values: ['Running'] },
    { key: '.metadata.ownerReferences.[].kind', operator: 'In', values: ['Job'] },
  ],
  { next: { statusTemplate: 'phase: Succeeded\n' } },
);

const podDelete = stage('pod-delete', 'Pod', [{ key: '.metadata.deletionTimestamp', operator: 'Exists' }], {
  next: { finalizers: { empty: true }, delete: true },
});

/** A port-forward to an istiod pod's debug ports reaches the agent, which leads it to that istiod. */
function portForward(cluster: Level1Cluster) {
  const forward = (port: number, target: number) => ({
    ports: [port],
    target: { address: '127.0.0.1', port: target },
  });
  return {
    apiVersion: 'kwok.x-k8s.io/v1alpha1',
    kind: 'ClusterPortForward',
    metadata: { name: 'istiod' },
    spec: { forwards: [forward(8080, cluster.ports.debug), forward(15014, cluster.ports.monitoring)] },
  };
}
