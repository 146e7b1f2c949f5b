import { isIP } from 'node:net';
import { exposureAddress, wayToIstiod } from '../address.js';
import { allRemotes, type VerifyContext } from '../context.js';
import { PATHS } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass } from '../outcome.js';

const HINTS = {
  path: 'Run `meshplan apply`; without this path pods get the identity of another cluster.',
  way: 'Run `meshplan apply`, which gives the remotes the address of now.',
};

/** How the API server of a cluster calls one webhook. */
export interface WebhookTarget {
  name: string;
  url?: string;
  service?: { name?: string; namespace?: string; path?: string };
}

/** Per remote: its injector tells istiod for which cluster and network it asks. */
export function injectorAddress(context: VerifyContext): CheckSpec[] {
  return allRemotes(context.mesh).map(({ name, network, primary }) => ({
    id: 'injector-address',
    cluster: name,
    claim: `the injector of ${name} asks istiod of ${primary} for cluster ${name} and network ${network}`,
    needs: [name],
    async run() {
      const injector = await context.read(name, PATHS.injector);
      const webhooks = (injector?.webhooks ?? []) as { name?: string; clientConfig?: object }[];
      const targets = webhooks.map((item) => ({ ...item.clientConfig, name: item.name ?? '' }));
      const address = context.probes.get(primary)?.reachable
        ? await exposureAddress(context, primary)
        : undefined;
      const outcome = judgeTargets(targets, `/inject/cluster/${name}/net/${network}`, address);
      return outcome.status === 'fail'
        ? outcome
        : judgeWay(outcome, await wayToIstiod(context, name), address);
    },
  }));
}

/** Judges the webhooks' targets; `address` is where the primary's istiod is exposed, where known. */
export function judgeTargets(targets: WebhookTarget[], path: string, address?: string): Outcome {
  if (targets.length === 0) return fail('there is no webhook istio-sidecar-injector', HINTS.path);
  const findings = targets.flatMap((target) => faultOf(target, path, address) ?? []);
  if (findings.length > 0) return fail(findings.join('; '), HINTS.path);
  const [first] = targets;
  return pass(`${targets.length} webhooks, the first to ${describe(first)}`);
}

/** Judges where Service istiod of a remote leads, by which proxies, and webhooks without a URL, reach istiod. */
export function judgeWay(sound: Outcome, way: string[], address?: string): Outcome {
  if (address === undefined || way.includes(address)) return sound;
  const target = way.length > 0 ? way.join(', ') : 'no address';
  return fail(`Service istiod leads to ${target}, but istiod is exposed at ${address}`, HINTS.way);
}

function faultOf(target: WebhookTarget, path: string, address: string | undefined): string | undefined {
  const actual = target.url === undefined ? target.service?.path : pathOf(target.url);
  if (actual !== path) return `webhook ${target.name} goes to ${describe(target)}, not to ${path}`;
  const host = target.url === undefined ? undefined : new URL(target.url).hostname;
  if (host && address && !isIP(address) && host !== address) {
    return `webhook ${target.name} calls ${host}, but istiod is exposed at ${address}`;
  }
  return undefined;
}

function pathOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).pathname : undefined;
}

function describe(target: WebhookTarget | undefined): string {
  if (target?.url) return target.url;
  const { namespace, name, path } = target?.service ?? {};
  return `Service ${namespace}/${name}${path ?? ''}`;
}
