import { isIP } from 'node:net';
import { exposureAddress } from '../address.js';
import { allRemotes, type VerifyContext } from '../context.js';
import { PATHS } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass } from '../outcome.js';

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
      return judgeTargets(targets, `/inject/cluster/${name}/net/${network}`, address);
    },
  }));
}

/** Judges the webhooks' targets; `address` is where the primary's istiod is exposed, where known. */
export function judgeTargets(targets: WebhookTarget[], path: string, address?: string): Outcome {
  const hint = 'Run `meshplan apply`; without this path pods get the identity of another cluster.';
  if (targets.length === 0) return fail('there is no webhook istio-sidecar-injector', hint);
  const findings = targets.flatMap((target) => faultOf(target, path, address) ?? []);
  if (findings.length > 0) return fail(findings.join('; '), hint);
  const [first] = targets;
  return pass(`${targets.length} webhooks, the first to ${describe(first)}`);
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
