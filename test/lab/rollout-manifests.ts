const KINDS = {
  quota: 'Deployment',
  range: 'DaemonSet',
  strict: 'Deployment',
  big: 'StatefulSet',
  job: 'Job',
};

/** A workload of one pod, in a file of its own, so that all are waited for at a time. */
export function manifest(
  name: keyof typeof KINDS,
  namespace: string,
  pod: object = {},
  more: object = {},
): string {
  const kind = KINDS[name];
  const labels = { app: name };
  const container = { name: 'web', image: 'web:v1', ...pod };
  const isJob = kind === 'Job';
  const spec = {
    ...(isJob ? {} : { selector: { matchLabels: labels } }),
    ...(kind === 'StatefulSet' ? { serviceName: name } : {}),
    template: {
      metadata: { labels },
      spec: {
        containers: [container],
        ...(isJob ? { restartPolicy: 'Never', nodeSelector: { disk: 'none' } } : {}),
      },
    },
    ...more,
  };
  const apiVersion = isJob ? 'batch/v1' : 'apps/v1';
  return JSON.stringify({ apiVersion, kind, metadata: { name, namespace }, spec });
}

export const namespaceOf = (name: string, labels = {}) =>
  JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

/** A namespace that holds no pod, and no container with more than 1Gi. */
export const SMALL = `${namespaceOf('small')}
---
{ apiVersion: v1, kind: ResourceQuota, metadata: { name: none, namespace: small }, spec: { hard: { pods: '0' } } }
---
apiVersion: v1
kind: LimitRange
metadata: { name: range, namespace: small }
spec: { limits: [{ type: Container, max: { memory: 1Gi } }] }
`;

/** Pods without sidecars, in a namespace that somebody made. */
export const LEGACY = ['Deployment', 'StatefulSet', 'DaemonSet']
  .map((kind) =>
    JSON.stringify({
      apiVersion: 'apps/v1',
      kind,
      metadata: { name: 'old', namespace: 'legacy' },
      spec: {
        ...(kind === 'StatefulSet' ? { serviceName: 'old' } : {}),
        selector: { matchLabels: { app: kind } },
        template: {
          metadata: { labels: { app: kind } },
          spec: { containers: [{ name: 'web', image: 'web:v1' }] },
        },
      },
    }),
  )
  .join('\n---\n');
