import type { ResolvedCluster, ResolvedMesh } from '../../model/resolved-mesh.js';
import { parseIstioVersion } from '../../model/versions.js';
import type { Invariant, Violation } from './invariant.js';
import type { Held, PredictedState } from './state.js';
import { valuesOf } from './values.js';

const ISTIOD = 'Deployment/istiod';

/**
 * A control plane is at most one minor ahead of its data plane and never behind it (Istio's supported
 * skew). Proxies have the version of the istiod that injected them, so a step from one istiod to the next
 * is one between control plane and data plane, too. What has no version in its tag is taken for right.
 */
export const versionSkew: Invariant = {
  code: 'invariant-version-skew',
  concerns: /^(Deployment\/istiod|ConfigMap\/values)$/,
  violations: (state, mesh) =>
    mesh.clusters.flatMap((cluster) =>
      cluster.role === 'primary'
        ? [...leap(state, cluster), ...otherCharts(state, cluster, mesh)]
        : behind(state, cluster),
    ),
};

function leap(state: PredictedState, { name }: ResolvedCluster): Violation[] {
  const [before, after] = [
    minorOf(imageTag(state.before(name, ISTIOD))),
    minorOf(imageTag(state.get(name, ISTIOD))),
  ];
  if (before === undefined || after === undefined || before === after || after === before + 1) return [];
  const isDown = after < before;
  return [
    {
      subject: `${name} ${isDown ? 'down' : 'leap'}`,
      what: isDown
        ? `istiod of ${name} goes back from 1.${before} to 1.${after}, and proxies that 1.${before} injected would be ahead of it, which Istio does not support`
        : `istiod of ${name} goes from 1.${before} to 1.${after}, more than one minor ahead of the proxies that serve now, which Istio does not support`,
      hint: isDown
        ? 'Restart the workloads afterwards, so that they get proxies of that version.'
        : `Go to 1.${before + 1} first, restart the workloads, then go on.`,
      // Going back is what one does when an upgrade went wrong; it must not be refused.
      severity: isDown ? 'warning' : 'error',
      passing: false,
    },
  ];
}

/** The remote's charts (webhook, reader role) beside the istiod that serves them, when all is done. */
function behind(state: PredictedState, { name, primary }: ResolvedCluster): Violation[] {
  const istiod = minorOf(imageTag(state.get(primary, ISTIOD)));
  const remote = minorOf(valuesOf(state, name)?.global?.tag);
  if (istiod === undefined || remote === undefined || remote === istiod || remote + 1 === istiod) return [];
  return [
    {
      subject: `${primary} ${name}`,
      what: `istiod of ${primary} would be 1.${istiod} and the data plane of ${name} 1.${remote}: a control plane may be one minor ahead of its data plane, and never behind`,
      hint: `Apply control plane and data plane together, or ${name}/data-plane first where it is behind.`,
      severity: 'error',
      passing: true,
    },
  ];
}

/** `istio.tag` may name images of another version than the istioctl that makes the charts. */
function otherCharts(state: PredictedState, { name }: ResolvedCluster, { istio }: ResolvedMesh): Violation[] {
  const istiod = state.get(name, ISTIOD);
  const [image, charts] = [minorOf(imageTag(istiod)), minorOf(istio.version)];
  if (istiod?.by === undefined || image === undefined || charts === undefined || image === charts) return [];
  return [
    {
      subject: `${name} charts`,
      what: `istiod of ${name} is 1.${image}, and the charts around it are those of istioctl 1.${charts}`,
      hint: 'Set istio.version and istio.tag to the same version.',
      severity: 'warning',
      passing: false,
    },
  ];
}

function imageTag(held: Held | undefined): string | undefined {
  const { template } = (held?.object.spec ?? {}) as {
    template?: { spec?: { containers?: { name: string; image?: unknown }[] } };
  };
  const image = template?.spec?.containers?.find(({ name }) => name === 'discovery')?.image;
  return typeof image === 'string' ? image.replace(/@.*$/, '').split(':').at(-1) : undefined;
}

/** 31 of `1.31.2`, `1.31-dev` and `1.31`; undefined for `latest` and the like. */
function minorOf(tag: unknown): number | undefined {
  const version = typeof tag === 'string' ? parseIstioVersion(tag) : undefined;
  return version?.major === 1 ? version.minor : undefined;
}
