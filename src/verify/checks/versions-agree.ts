import type { KubeObject } from '../../model/kube.js';
import type { ResolvedCluster } from '../../model/resolved-mesh.js';
import { isDeclaredVersion, parseIstioVersion } from '../../model/versions.js';
import { allRemotes, primariesOf, type VerifyContext } from '../context.js';
import { readVersions } from '../istiod.js';
import { PATHS } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass, skip, warn } from '../outcome.js';

/** Per cluster: the Istio that is there is the declared one, and remotes have that of their primary. */
export function versionsAgree(context: VerifyContext): CheckSpec[] {
  const { version } = context.mesh.istio;
  const primaries = primariesOf(context.mesh).map(({ name }) => ({
    id: 'versions-agree',
    cluster: name,
    claim: `istiod of ${name} is Istio ${version}`,
    needs: [name],
    istiod: name,
    run: async () => judgeBuilds(await runningBuilds(context, name), version),
  }));
  return [...primaries, ...allRemotes(context.mesh).map((remote) => remoteSpec(context, remote))];
}

function remoteSpec(context: VerifyContext, { name, primary }: ResolvedCluster): CheckSpec {
  return {
    id: 'versions-agree',
    cluster: name,
    claim: `the data plane of ${name} is of the same Istio as istiod of ${primary}`,
    needs: [name, primary],
    async run() {
      const [own, leading] = await Promise.all([
        context.read(name, PATHS.values),
        context.read(primary, PATHS.values),
      ]);
      return judgeCharts(chartOf(own), chartOf(leading), primary);
    },
  };
}

interface RunningBuild {
  where: string;
  version: string;
}

/** What each istiod says it is; the image's tag where it cannot be asked. */
async function runningBuilds(context: VerifyContext, primary: string): Promise<RunningBuild[]> {
  try {
    const versions = await readVersions(context, primary);
    return versions.map(({ pod, version }) => ({ where: pod, version }));
  } catch (error) {
    context.signal?.throwIfAborted();
    const tag = imageTag(await context.read(primary, PATHS.istiod));
    // A tag like `latest` tells nothing; then the reason why istiod did not answer does.
    if (!tag || !parseIstioVersion(tag)) throw error;
    return [{ where: 'the image of Deployment istiod', version: tag }];
  }
}

function imageTag(deployment: KubeObject | undefined): string | undefined {
  const spec = deployment?.spec as
    | { template?: { spec?: { containers?: { name?: string; image?: string }[] } } }
    | undefined;
  const image = spec?.template?.spec?.containers?.find((item) => item.name === 'discovery')?.image ?? '';
  return /:([^:/@]+)(?:@|$)/.exec(image)?.[1];
}

/** Judges the versions of running istiods against mesh.yaml. */
export function judgeBuilds(builds: RunningBuild[], declared: string): Outcome {
  const evidence = builds.map(({ where, version }) => `${where}: ${version}`).join(', ');
  const wanted = parseIstioVersion(declared);
  const isWanted = ({ version }: RunningBuild) => {
    const actual = parseIstioVersion(version);
    return wanted !== undefined && actual !== undefined && isDeclaredVersion(actual, wanted);
  };
  if (builds.every(isWanted)) return pass(evidence);
  return fail(evidence, `Apply with an istioctl of ${declared}, or set spec.istio.version to what runs.`);
}

/** What the charts of a cluster were: their version and the images' tag. */
export interface Chart {
  version: string;
  tag: string;
}

/** Istio's charts leave their values in ConfigMap `values`, for tools to read. */
function chartOf(values: KubeObject | undefined): Chart | undefined {
  if (!values) return undefined;
  const merged = (values.data as Record<string, string> | undefined)?.['merged-values'];
  const global = (JSON.parse(merged ?? '{}') as { global?: { tag?: unknown } }).global;
  const version = values.metadata.labels?.['app.kubernetes.io/version'] ?? 'unknown';
  return { version, tag: String(global?.tag ?? 'unknown') };
}

/** Judges a remote's charts against its primary's. */
export function judgeCharts(own: Chart | undefined, leading: Chart | undefined, primary: string): Outcome {
  if (!own || !leading) return skip('ConfigMap istio-system/values is missing: its charts left no version');
  const evidence = `charts ${own.version} with images ${own.tag}; ${primary} has ${leading.version} with ${leading.tag}`;
  if (own.version !== leading.version) {
    return fail(evidence, 'Run `meshplan apply`: both must come from the same istioctl.');
  }
  if (own.tag === leading.tag) return pass(evidence);
  return warn(evidence, 'Proxies may be one minor behind istiod, never ahead: check the tags in mesh.yaml.');
}
