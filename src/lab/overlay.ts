import { ISTIO_HUB, ISTIO_TAG } from './images/names.js';

/**
 * What a level-2 lab must set over any mesh file: a merge patch. Its images are made here, of upstream's Envoy,
 * which lacks Istio's own filters; and one node has to hold all that a mesh asks for.
 */
export const labOverlay = {
  spec: {
    istio: {
      hub: ISTIO_HUB,
      tag: ISTIO_TAG,
      values: {
        // The filters of Istio's telemetry (istio.stats and others).
        telemetry: { enabled: false },
        pilot: {
          env: {
            // The filters istio.metadata_exchange and istio.alpn, and the ALPN names that the first one needs.
            PILOT_ENABLE_METADATA_EXCHANGE: 'false',
            PILOT_ENABLE_ALPN_FILTER: 'false',
            PILOT_DISABLE_MX_ALPN: 'true',
          },
        },
        global: { proxy: { resources: { requests: { cpu: '10m', memory: '40Mi' } } } },
      },
    },
    controlPlane: { resources: { requests: { cpu: '50m', memory: '128Mi' } } },
  },
};

/** The overlay as a file. JSON is YAML as well, but for the comment. */
export const overlayText = () =>
  `# Written by \`meshplan lab up\` at level 2: what the lab needs of any mesh, for its Envoy is upstream's.\n${JSON.stringify(labOverlay, null, 2)}\n`;
