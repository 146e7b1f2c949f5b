import { kialiView } from '../../model/kiali.js';
import type { VerifyContext } from '../context.js';
import type { CheckSpec } from '../outcome.js';
import { type Right, rights } from '../reader-rights.js';
import { checkGrant } from './remote-secret.js';

const READ = ['get', 'list', 'watch'];

/** What Kiali follows in a cluster that it shows. */
const KIALI_RIGHTS: readonly Right[] = [
  ...['configmaps', 'namespaces', 'pods', 'services'].flatMap((resource) => rights('', resource, READ)),
  ...['deployments', 'replicasets'].flatMap((resource) => rights('apps', resource, READ)),
  ...rights('networking.istio.io', 'virtualservices', READ),
  ...rights('security.istio.io', 'authorizationpolicies', READ),
];

/** Per cluster that Kiali is to see beside its own: what it was given opens the cluster, and suffices. */
export function kialiSecret(context: VerifyContext): CheckSpec[] {
  const view = kialiView(context.mesh);
  if (!view) return [];
  const { home, namespace, others } = view;
  return others.map(({ name }) => ({
    id: 'kiali-secret',
    cluster: name,
    claim: `Kiali in ${home} is given credentials that open ${name} and suffice`,
    needs: [home, name],
    run: () =>
      checkGrant(context, {
        reader: 'Kiali',
        home,
        name,
        secret: `kiali-remote-cluster-secret-${name}`,
        namespace,
        label: 'kiali.io/multiCluster',
        token: 'kiali-remote-access',
        rights: KIALI_RIGHTS,
        rightsHint: 'ClusterRole kiali-remote-access or its binding was changed: run `meshplan apply`.',
      }),
  }));
}
