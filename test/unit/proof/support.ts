import type { Place, Proven } from '../../../src/proof/report.js';

/** A cluster of an environment; a primary where it is its own. */
export const placeOf = (name: string, primary: string, fields: Partial<Place> = {}): Place => ({
  name,
  role: name === primary ? 'primary' : 'remote',
  primary,
  network: 'network1',
  ...fields,
});

/** An environment by its clusters and, for each, objects by address. */
export const provenOf = (clusters: Place[], objects: Proven['objects'], mesh = 'shop'): Proven => ({
  mesh,
  clusters,
  objects,
});

export const DEPLOYMENT = 'apps/v1/Deployment/store/web';

export const deployment = (
  fields: { image?: string; replicas?: number; env?: Record<string, string> } = {},
) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'store' },
  spec: {
    replicas: fields.replicas ?? 1,
    template: {
      spec: {
        initContainers: [{ name: 'first' }, { name: 'second' }],
        containers: [
          {
            name: 'web',
            image: fields.image ?? 'web:v1',
            args: ['--port', '8080'],
            env: Object.entries(fields.env ?? {}).map(([name, value]) => ({ name, value })),
          },
        ],
      },
    },
  },
});
