import { ISTIO_NAMESPACE, NETWORK_LABEL } from '../../model/names.js';
import type { Invariant } from './invariant.js';
import { valuesOf } from './values.js';

/** What the label of Istio's namespace says of a cluster's network is what its pods are told. */
export const network: Invariant = {
  code: 'invariant-network',
  concerns: new RegExp(`^(ConfigMap/values|Namespace/${ISTIO_NAMESPACE})$`),
  violations: (state, { clusters }) =>
    clusters.flatMap(({ name }) => {
      const label = state.get(name, `Namespace/${ISTIO_NAMESPACE}`)?.object.metadata.labels?.[NETWORK_LABEL];
      const told = valuesOf(state, name)?.global?.network;
      if (!label || !told || label === told) return [];
      return [
        {
          subject: name,
          what: `Namespace istio-system of ${name} would be labelled with network ${label}, while its pods are told ${told}, so istiod sends traffic the wrong way`,
          hint: `Change the namespace and istiod or the data plane of ${name} in one apply.`,
          severity: 'error' as const,
          passing: true,
        },
      ];
    }),
};
