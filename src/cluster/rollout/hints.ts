/** What to do about the words of a kubelet, a scheduler or an API server; the first that fits. */
type Hints = readonly (readonly [words: RegExp, hint: string])[];

const hintIn =
  (hints: Hints, otherwise: string) =>
  (message: string): string =>
    hints.find(([words]) => words.test(message))?.[1] ?? otherwise;

/** About an image that a node cannot get (containerd, CRI-O and the kubelet). */
export const imageHint = hintIn(
  [
    [
      /InvalidImageName|invalid reference format/i,
      'The name of the image is not valid: mend it in the manifest.',
    ],
    [
      /ErrImageNeverPull/,
      'imagePullPolicy is Never and the node has not got the image: bring it there, or let it be pulled.',
    ],
    [
      /unauthorized|forbidden|denied|authentication required|authorization failed|\b40[13]\b/i,
      'The registry refuses the nodes: give the pods imagePullSecrets, or the account of the nodes the right to pull. Many registries say the same of an image that is not there.',
    ],
    [
      /not found|manifest unknown|does not exist/i,
      'The registry has no such image: mind its name and tag, and that it was pushed for the architecture of the nodes.',
    ],
    [
      /toomanyrequests|rate limit|\b429\b/i,
      'The registry limits how often is pulled: log in, or use a mirror.',
    ],
    [/x509|certificate/i, 'The nodes do not trust the certificate of the registry.'],
    [
      /no such host|timeout|timed out|connection refused|unreachable|dial tcp|i\/o/i,
      'The nodes do not reach the registry: see their DNS, proxy and firewall, or use a registry that they reach.',
    ],
  ],
  'See that the image is there and that the nodes may pull it.',
);

/** About a pod that fits no node (kube-scheduler). */
export const schedulingHint = hintIn(
  [
    [/persistentvolumeclaim .* not found/i, 'Declare the PersistentVolumeClaim that the pod names.'],
    [
      /PersistentVolumeClaim|volume/i,
      'Its volume cannot be had where a node is free: see the PersistentVolumeClaim with kubectl describe pvc, its StorageClass and its zone.',
    ],
    [
      /Insufficient|Too many pods/i,
      'The nodes have no room: add nodes, ask for less in resources.requests, or take away what is not needed.',
    ],
    [/taint/i, 'The nodes have a taint: give the pods a toleration for it, or take it off.'],
    [
      /anti-affinity|topology spread/i,
      'Its rules want more nodes or zones than there are: loosen them, or add nodes.',
    ],
    [
      /affinity|selector/i,
      'No node has the labels that nodeSelector or nodeAffinity want: see kubectl get nodes --show-labels.',
    ],
    [/unschedulable/i, 'The nodes are cordoned: kubectl uncordon NODE.'],
    [/scheduling gates/i, 'Something has to take the scheduling gates off the pod.'],
  ],
  'See what nodes there are, and what the pod asks of one.',
);

/** About pods that the API server refuses; this is its message, whatever controller asked. */
export const refusalHint = hintIn(
  [
    [
      /must specify/,
      'A ResourceQuota wants these resources to be set: set them in the pod template, or with a LimitRange.',
    ],
    [/exceeded quota/, 'The ResourceQuota of the namespace is used up: raise it, or ask for less.'],
    [
      /(maximum|minimum) \S+ usage per|limit to request ratio/,
      'The LimitRange of the namespace does not allow these resources: change them, or the LimitRange.',
    ],
    [
      /violates PodSecurity/,
      'Set the securityContext that it names, or lower pod-security.kubernetes.io/enforce of the namespace. What istio-init needs goes with Istio CNI.',
    ],
    [
      /failed calling webhook "\S*sidecar-injector\.istio\.io"/,
      'The injection webhook does not answer: see the checks exposure-tls, one-root and injector-address of meshplan verify.',
    ],
    [/failed calling webhook/, 'An admission webhook does not answer: mend or remove it.'],
    [/serviceaccount .* not found/i, 'Declare the ServiceAccount that the pods name.'],
    [/PriorityClass/, 'Declare the PriorityClass that the pods name.'],
    [
      /denied the request|ValidatingAdmissionPolicy/,
      'A policy of the cluster refuses the pods: see what it wants.',
    ],
  ],
  'See what the API server says of the pods.',
);

/** About a container that cannot be made (kubelet: CreateContainerConfigError, RunContainerError and their kin). */
export const containerHint = hintIn(
  [
    [/configmap .* not found/i, 'Declare the ConfigMap that the container names.'],
    [/secret .* not found/i, 'Make the Secret that the container names.'],
    [/couldn't find key/i, 'The ConfigMap or Secret lacks the key that the container names.'],
    [
      /runAsNonRoot|run as root/i,
      'runAsNonRoot is set and the image runs as root: set runAsUser, or take another image.',
    ],
    [
      /executable file not found|no such file or directory|exec format error|permission denied/i,
      'Its command is not in the image, or is not for the architecture of the node.',
    ],
  ],
  'See kubectl describe pod.',
);

/** About volumes that are not there (kubelet and attach-detach controller: FailedMount, FailedAttachVolume). */
export const volumeHint = hintIn(
  [
    [
      /istio-ca-root-cert/,
      'istiod did not write its root certificate into the namespace: see the check one-root of meshplan verify.',
    ],
    [/configmap .* not found/i, 'Declare the ConfigMap that the volume names.'],
    [/secret .* not found/i, 'Make the Secret that the volume names.'],
    [/references non-existent .* key/i, 'The ConfigMap or Secret lacks a key that the volume names.'],
    [/Multi-Attach/i, 'Another pod holds the volume: it must end first, or the volume allow several.'],
  ],
  'See the volume with kubectl describe pod and kubectl describe pvc.',
);
