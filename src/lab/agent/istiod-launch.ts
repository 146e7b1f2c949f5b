import type { KubeObject } from '../../model/kube.js';

/** The parts of a pod that decide how its istiod runs. */
export interface IstiodPod extends KubeObject {
  spec: {
    nodeName?: string;
    serviceAccountName?: string;
    containers: IstiodContainer[];
  };
  status?: {
    phase?: string;
    podIP?: string;
    conditions?: PodCondition[];
    containerStatuses?: ContainerStatus[];
  };
}

export interface PodCondition {
  type: string;
  status: string;
  lastTransitionTime?: string;
}

export interface ContainerStatus {
  name: string;
  ready: boolean;
  started?: boolean;
  restartCount: number;
  [field: string]: unknown;
}

interface IstiodContainer {
  name: string;
  args?: string[];
  env?: EnvVar[];
  ports?: { name?: string; containerPort: number }[];
  resources?: { limits?: Record<string, string> };
}

interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: { fieldRef?: { fieldPath: string }; resourceFieldRef?: { resource: string } };
}

/** istiod's listeners by the flag that names them, with the port that each has unless told. */
const LISTENERS = {
  httpAddr: 8080,
  grpcAddr: 15010,
  secureGRPCAddr: 15012,
  httpsAddr: 15017,
  monitoringAddr: 15014,
} as const;

export type Listener = keyof typeof LISTENERS;
export const LISTENER_NAMES = Object.keys(LISTENERS) as Listener[];

export interface IstiodLaunch {
  /** The container's environment with field references resolved. */
  env: Record<string, string>;
  /** The container's arguments as the pod has them. */
  args: string[];
  /** The ports that the pod's istiod would listen on in a real cluster. */
  declaredPorts: Record<Listener, number>;
}

/** The container that runs istiod: the one that is told to be `discovery`. */
export function istiodContainer(pod: IstiodPod): IstiodContainer | undefined {
  return pod.spec.containers.find((item) => item.args?.[0] === 'discovery');
}

/** What the kubelet would give to the container's process, so far as it matters here. Pure. */
export function istiodLaunch(pod: IstiodPod): IstiodLaunch {
  const container = istiodContainer(pod) ?? { name: '' };
  const env: Record<string, string> = {};
  for (const item of container.env ?? []) {
    const value = item.value ?? valueFrom(pod, container, item);
    if (value !== undefined) env[item.name] = expand(value, env);
  }
  const args = (container.args ?? []).map((arg) => expand(arg, env));
  const ports = LISTENER_NAMES.map((name) => [name, portOfFlag(args, name) ?? LISTENERS[name]]);
  return { env, args, declaredPorts: Object.fromEntries(ports) as Record<Listener, number> };
}

/** Kubernetes' `$(NAME)`: earlier variables only; unknown ones stay as they are, `$$` is a dollar sign. */
function expand(text: string, env: Record<string, string>): string {
  return text.replace(/\$\$|\$\(([^)]+)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (env[name] ?? whole),
  );
}

function valueFrom(pod: IstiodPod, container: IstiodContainer, item: EnvVar): string | undefined {
  const path = item.valueFrom?.fieldRef?.fieldPath;
  if (path) return fieldOf(pod, path);
  const resource = item.valueFrom?.resourceFieldRef?.resource;
  // A limit that is not set would be the node's size; leaving the variable out means the same to Go.
  return resource?.startsWith('limits.') ? container.resources?.limits?.[resource.slice(7)] : undefined;
}

function fieldOf(pod: IstiodPod, path: string): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed) return pod.metadata[keyed[1] as 'labels' | 'annotations']?.[keyed[2] ?? ''];
  let value: unknown = pod;
  for (const part of path.split('.')) value = (value as Record<string, unknown> | undefined)?.[part];
  return typeof value === 'string' ? value : undefined;
}

function portOfFlag(args: string[], flag: string): number | undefined {
  const index = args.findLastIndex((arg) => arg === `--${flag}` || arg.startsWith(`--${flag}=`));
  const text = args[index]?.includes('=') ? args[index] : args[index + 1];
  if (index < 0 || text === undefined) return undefined;
  const port = Number(text.slice(text.lastIndexOf(':') + 1));
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

/** The pod's arguments with the addresses that this machine has in place of the pod's own. */
export function argsOnThisMachine(
  args: string[],
  kubeconfig: string,
  ports: Record<Listener, number>,
): string[] {
  // Of a flag that is given twice the last one counts.
  const addresses = LISTENER_NAMES.map((name) => `--${name}=127.0.0.1:${ports[name]}`);
  return [...args, ...addresses, `--kubeconfig=${kubeconfig}`, '--ctrlz_port=0'];
}
