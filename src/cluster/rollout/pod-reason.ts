import { PROXY_CONTAINER } from '../../model/injection.js';
import type { KubeObject } from '../../model/kube.js';
import { containerHint, imageHint, refusalHint, schedulingHint, volumeHint } from './hints.js';

/** Why something does not come, and what to do about it. */
export interface Reason {
  text: string;
  hint?: string;
  /** True for what every pod goes through. */
  passing?: true;
}

/** The part of an Event that tells; the latest come first. */
export interface PodEvent {
  type?: string;
  reason?: string;
  message?: string;
  /** How often it was seen. */
  count?: number;
  series?: { count?: number };
}

interface Terminated {
  exitCode?: number;
  reason?: string;
  message?: string;
}

interface State {
  waiting?: { reason?: string; message?: string };
  running?: object;
  terminated?: Terminated;
}

interface ContainerStatus {
  name: string;
  ready?: boolean;
  started?: boolean;
  restartCount?: number;
  state?: State;
  lastState?: State;
}

interface Status {
  phase?: string;
  reason?: string;
  message?: string;
  conditions?: { type: string; status: string; reason?: string; message?: string }[];
  initContainerStatuses?: ContainerStatus[];
  containerStatuses?: ContainerStatus[];
}

interface Scene {
  pod: KubeObject;
  events: readonly PodEvent[];
}

/**
 * Why a pod is not ready (or, of a Job, has not ended), from its status and the Events about it; undefined where
 * nothing is the matter. Words are those of the kubelet (`pkg/kubelet/images`, `kuberuntime`) and the scheduler.
 */
export function reasonOf(pod: KubeObject, events: readonly PodEvent[] = []): Reason | undefined {
  const status = (pod.status ?? {}) as Status;
  const scene = { pod, events };
  const reason =
    schedulingReason(status) ?? containersReason(status, scene) ?? phaseReason(status) ?? gateReason(status);
  return reason && { ...reason, text: `pod ${pod.metadata.name}${reason.text}` };
}

function phaseReason({ phase, reason, message }: Status): Reason | undefined {
  if (phase !== 'Failed') return undefined;
  const why = [reason, message].filter(Boolean).join(': ');
  return { text: ` has failed${why ? `: ${inOneLine(why)}` : ''}` };
}

function schedulingReason({ conditions, containerStatuses }: Status): Reason | undefined {
  const scheduled = conditions?.find((item) => item.type === 'PodScheduled');
  if (scheduled?.status === 'False') {
    // What the scheduler tried beyond the nodes as they are helps nobody.
    const why = (scheduled.message ?? '').replace(/\s*preemption: .*$/s, '');
    return { text: `: ${scheduled.reason}: ${inOneLine(why)}`, hint: schedulingHint(why) };
  }
  return scheduled === undefined && !containerStatuses
    ? { text: ' is not on a node yet', passing: true }
    : undefined;
}

function containersReason(status: Status, scene: Scene): Reason | undefined {
  const [inits, mains] = [status.initContainerStatuses ?? [], status.containerStatuses ?? []];
  const all = [...inits, ...mains];
  const trouble = first(all, (item) => troubleOf(item, scene));
  if (trouble) return trouble;
  const creating = all.find((item) => item.state?.waiting);
  const event = scene.events.find((item) => STUCK.test(item.reason ?? ''));
  if (creating && event) return stuckReason(event);
  const unready =
    first(inits, (item) => startReason(item, scene)) ?? first(mains, (item) => readyReason(item, scene));
  if (unready) return unready;
  if (creating)
    return { text: `, container ${creating.name}: ${creating.state?.waiting?.reason}`, passing: true };
  return lingeringReason(mains);
}

const first = (items: ContainerStatus[], tell: (item: ContainerStatus) => Reason | undefined) =>
  items.map(tell).find((reason) => reason !== undefined);

const IMAGE =
  /^(ErrImage|ImagePull|InvalidImageName|ImageInspectError|RegistryUnavailable|SignatureValidation)/;
const NOT_MADE =
  /^(CreateContainer(Config)?Error|RunContainerError|PreCreateHookError|PreStartHookError|PostStartHookError)$/;

/** What keeps one container from running. */
function troubleOf(container: ContainerStatus, scene: Scene): Reason | undefined {
  const { name, state = {}, lastState = {}, restartCount = 0, ready } = container;
  const { reason = '', message = '' } = state.waiting ?? {};
  const at = `, container ${name}: `;
  if (IMAGE.test(reason)) return imageReason(at, reason, message, scene);
  const ended = state.terminated?.exitCode ? state.terminated : lastState.terminated;
  const isCrash = reason === 'CrashLoopBackOff' || Boolean(state.terminated?.exitCode);
  if (ended && (isCrash || (restartCount > 0 && ready === false && ended.exitCode)))
    return crashReason(container, ended, scene);
  if (NOT_MADE.test(reason) || reason === 'CrashLoopBackOff')
    return { text: `${at}${inOneLine(`${reason}: ${message}`)}`, hint: containerHint(message) };
  return undefined;
}

/** Back-off may say no more than that; the Event of the pull before has the words of the registry. */
function imageReason(at: string, reason: string, message: string, { events }: Scene): Reason {
  const isBare = reason === 'ImagePullBackOff' && !message.includes(': ');
  const pull = events.find((item) => item.message?.startsWith('Failed to pull image'))?.message;
  const words = `${reason}: ${(isBare && pull) || message}`;
  return {
    text: `${at}${inOneLine(words)}`,
    hint: imageHint(words),
    ...(isBare && !pull ? { passing: true } : {}),
  };
}

/** What istio-init does with iptables, and what Istio CNI has done before (its `istio-validation`). */
const REDIRECTING = /^istio-(init|validation)$/;

function crashReason(
  { name, state, restartCount = 0 }: ContainerStatus,
  { exitCode = 0, reason, message }: Terminated,
  scene: Scene,
): Reason {
  const why = state?.waiting?.reason ?? 'it ended';
  const words = message?.trim() ? `: ${inOneLine(message)}` : '';
  const cause = reason && reason !== 'Error' ? ` (${reason})` : '';
  const restarts =
    restartCount > 0 ? ` after ${restartCount} ${restartCount === 1 ? 'restart' : 'restarts'}` : '';
  const log = logsOf(scene, name, restartCount > 0 ? ' --previous' : '');
  return {
    text: `, container ${name}: ${why}, exit code ${exitCode}${cause}${restarts}${words}`,
    hint: crashHint(name, exitCode, `${reason} ${message}`, log),
  };
}

function crashHint(name: string, exitCode: number, words: string, log: string): string {
  if (words.startsWith('OOMKilled'))
    return 'It needs more memory than resources.limits.memory allows: raise that.';
  if (REDIRECTING.test(name))
    return `It leads the traffic of the pod through the proxy, which takes NET_ADMIN, or Istio CNI on the nodes: ${log}`;
  if (/^(StartError|ContainerCannotRun)/.test(words) || exitCode === 126 || exitCode === 127)
    return containerHint('executable file not found');
  if (exitCode === 0)
    return `It ends by itself, and is started again: what serves must go on running: ${log}`;
  if (exitCode === 137) return `It was killed, as after a failed liveness probe: ${log}`;
  return `See what it says: ${log}`;
}

/** Events that tell why containers are not made yet. */
const STUCK = /^(FailedMount|FailedAttachVolume|FailedMapVolume|FailedCreatePodSandBox|NetworkNotReady)$/;

function stuckReason({ reason = '', message = '' }: PodEvent): Reason {
  const hint = /Volume|Mount/.test(reason)
    ? volumeHint(message)
    : 'The node cannot set up the network of the pod: see its CNI plugin.';
  return { text: `: ${inOneLine(`${reason}: ${message}`)}`, hint };
}

/** A sidecar that is an init container lets the others wait until it has started. */
function startReason({ name, state, started, ready }: ContainerStatus, scene: Scene): Reason | undefined {
  if (!state?.running || started || ready) return undefined;
  return name === PROXY_CONTAINER
    ? proxyReason('has not started', scene)
    : { text: `, init container ${name} runs`, passing: true };
}

function readyReason({ name, state, ready }: ContainerStatus, scene: Scene): Reason | undefined {
  if (!state?.running || ready) return undefined;
  if (name === PROXY_CONTAINER) return proxyReason('is not ready', scene);
  const hint = `See its probe, and what it says: ${logsOf(scene, name)}`;
  return probed(`, container ${name}: runs, and is not ready`, scene, { hint, from: 2 });
}

function proxyReason(what: string, scene: Scene): Reason {
  const hint = `The proxy needs istiod (port 15012), by a name that the cluster's DNS knows, and a certificate from it: see meshplan verify, and ${logsOf(scene, PROXY_CONTAINER)}`;
  // It is asked each second, and takes some to start.
  return probed(`, container ${PROXY_CONTAINER}: ${what}`, scene, { hint, from: 5 });
}

/** With what the probe got; a probe that has failed less often than `from` may be that of a start. */
function probed(text: string, { events }: Scene, { hint, from }: { hint: string; from: number }): Reason {
  const probe = events.find((item) => item.reason === 'Unhealthy');
  if (!probe?.message) return { text, passing: true };
  const told = `${text}: ${inOneLine(probe.message)}`;
  const isLasting = (probe.series?.count ?? probe.count ?? 1) >= from;
  return isLasting ? { text: told, hint } : { text: told, passing: true };
}

const logsOf = ({ pod: { metadata } }: Scene, container: string, flag = '') =>
  `\`kubectl logs -n ${metadata.namespace} ${metadata.name} -c ${container}${flag}\`.`;

/** The proxy of a Job's pod, as an ordinary container, goes on when the work is done, and so does the pod. */
function lingeringReason(mains: ContainerStatus[]): Reason | undefined {
  const others = mains.filter((item) => item.name !== PROXY_CONTAINER);
  const proxy = mains.find((item) => item.name === PROXY_CONTAINER);
  if (!proxy?.state?.running || others.length === 0 || !others.every((item) => item.state?.terminated))
    return undefined;
  return {
    text: `, container ${PROXY_CONTAINER}: still runs, though all others have ended`,
    hint: 'Let the proxy be a native sidecar (ENABLE_NATIVE_SIDECARS of istiod), end it from the Job (POST /quitquitquit on port 15020), or leave the Job out with the label sidecar.istio.io/inject: "false".',
  };
}

/** Conditions that something else sets, such as a load balancer's readiness gate. */
function gateReason({ conditions }: Status): Reason | undefined {
  const unmet = conditions?.find((item) => item.status === 'False' && item.reason && item.message);
  return unmet && { text: `: ${unmet.reason}: ${inOneLine(unmet.message ?? '')}`, passing: true };
}

/**
 * Why the API server refuses pods. Controllers put words of their own before its answer, and that names a pod which
 * is another one each time.
 */
export const refusalOf = (message: string): Reason => ({
  text: `pods are refused: ${inOneLine(message.replace(PREAMBLE, ''))}`,
  hint: refusalHint(message),
});

const PREAMBLE =
  /^(\(combined from similar events\): )?(Error creating: |create Pod \S+ in StatefulSet \S+ failed error: )?(pods "[^"]*" is forbidden: )?/;

/** Long enough for the words of a registry, short enough for a line. */
const LONGEST = 300;

/** How runc and what is above it begin, whatever the matter is. */
const RUNC =
  /failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: (unable to start container process: )?/;

function inOneLine(words: string): string {
  const line = words.replace(RUNC, '').replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
