import { goesOn, grown, ISTIOD_INFO } from '../promql.js';
import { LASTING, type Rule, WINDOW } from './rule.js';

/** Counters of istiod (pkg/kube/inject/monitoring.go, pkg/webhooks/monitoring.go, security/pkg/server/ca/monitoring.go). */
const INJECTION_FAILURES = 'sidecar_injection_failure_total';
const WEBHOOK_FAILURES =
  'webhook_patch_failures_total{reason=~"load_ca_bundle_failure|webhook_update_failure"}';
const STRANGERS = 'citadel_server_authentication_failure_count';

/** About what istiod does for pods that start. */
export function controlPlaneRules(remotes: string[]): Rule[] {
  return [istiodAbsent(remotes), injectionFailing(), webhookNotUpdated(), certificatesRefused()];
}

function istiodAbsent(remotes: string[]): Rule {
  const wayOut =
    remotes.length > 0
      ? ' If the cluster is lost, `meshplan promote` makes one of its remotes the primary.'
      : '';
  return {
    alert: 'MeshIstiodAbsent',
    expr: `absent(${ISTIOD_INFO})`,
    for: '5m',
    severity: 'critical',
    summary: 'No istiod reports metrics',
    description:
      'Prometheus finds no istiod. Traffic between running pods goes on, but proxies get no changes, certificates ' +
      'are not renewed (they last a day), and pods that need a sidecar are not created, in remote clusters as ' +
      'well. `meshplan verify` says what of the control plane is broken.' +
      wayOut,
  };
}

function injectionFailing(): Rule {
  return {
    alert: 'MeshInjectionFailing',
    expr: grown(INJECTION_FAILURES, '', WINDOW),
    for: '1m',
    severity: 'warning',
    summary: 'istiod has refused pods that need a sidecar',
    description:
      'istiod refused to inject about {{ $value | printf "%.0f" }} pods in 15 minutes, so they were not created. ' +
      "The pod's own annotations are the usual cause, or a broken injection template: the events of its ReplicaSet " +
      'hold the message. `meshplan verify` tries an injection in each cluster.',
  };
}

function webhookNotUpdated(): Rule {
  return {
    alert: 'MeshWebhookNotUpdated',
    // Several istiods that write at once get in each other's way, and try again.
    expr: goesOn(WEBHOOK_FAILURES, 'name'),
    for: LASTING,
    severity: 'warning',
    summary: 'istiod cannot write its certificate into webhook {{ $labels.name }}',
    description:
      'While the CA in webhook {{ $labels.name }} is not the one that istiod has, the API server trusts no answer ' +
      "of istiod's, and pods that need a sidecar are not created. istiod lacks rights on webhooks, in its own " +
      'cluster or in a remote: `meshplan verify` names them, `meshplan apply` brings them back.',
  };
}

function certificatesRefused(): Rule {
  return {
    alert: 'MeshCertificatesRefused',
    expr: goesOn(STRANGERS),
    for: LASTING,
    severity: 'warning',
    summary: 'istiod refuses certificates, for it cannot tell who asks',
    description:
      "istiod asks the API server of a pod's cluster who the pod is before it signs: that one does not answer, or " +
      'does not know the token. New pods do not become ready, and running ones fail when their certificate ends. ' +
      '`meshplan verify` looks at each cluster.',
  };
}
