import { goesOn, grown, ISTIOD_INFO, PROXIES_CONNECTED, REJECTS } from '../promql.js';
import { LASTING, type Rule, WINDOW } from './rule.js';

/** Counters of istiod (pilot/pkg/xds/monitoring.go, pkg/xds/monitoring.go). */
const SEND_ERRORS = 'pilot_xds_pushes{type=~".+_senderr"}';
const WRITE_TIMEOUTS = 'pilot_xds_write_timeout';
const INTERNAL_ERRORS = 'pilot_total_xds_internal_errors';

/** With fewer, a few pods that end are half of them. */
const ENOUGH_PROXIES = 4;

/** About what istiod tells proxies, and how they take it. */
export function proxyRules(): Rule[] {
  return [configRejected(), pushFailing(), proxiesLost()];
}

function configRejected(): Rule {
  return {
    alert: 'MeshConfigRejected',
    expr: grown(REJECTS, 'type', WINDOW),
    for: '1m',
    severity: 'warning',
    summary: 'Proxies reject configuration of type {{ $labels.type }}',
    description:
      'Proxies refused about {{ $value | printf "%.0f" }} updates of type {{ $labels.type }} and go on with what ' +
      'they had, so changes do not reach them. `istioctl proxy-status` names the proxies; an EnvoyFilter is the ' +
      'usual cause.',
  };
}

function pushFailing(): Rule {
  return {
    alert: 'MeshPushFailing',
    expr: [SEND_ERRORS, WRITE_TIMEOUTS, INTERNAL_ERRORS].map((counter) => goesOn(counter)).join(' or '),
    for: LASTING,
    severity: 'warning',
    summary: 'istiod fails to send configuration to proxies',
    description:
      'Proxies go on with what they have and may miss changes: new endpoints, routes, certificates. istiod that has ' +
      'too little memory or processor time, or a network that drops its connections, is the usual cause; its log ' +
      'names the proxies. `meshplan verify` says whether istiod is well and can be reached.',
  };
}

function proxiesLost(): Rule {
  // The median of an hour: neither a restart of istiod nor a peak moves it.
  const usual = `quantile_over_time(0.5, sum(${PROXIES_CONNECTED})[1h:1m])`;
  // istiod has no such sample before the first proxy comes.
  const now = `(sum(${PROXIES_CONNECTED}) or 0 * count(${ISTIOD_INFO}))`;
  return {
    alert: 'MeshProxiesLost',
    expr: `${now} < ${usual} / 2 and ${usual} >= ${ENOUGH_PROXIES}`,
    for: '5m',
    severity: 'warning',
    summary: 'More than half of the proxies have left istiod',
    description:
      '{{ $value | printf "%.0f" }} proxies are connected, less than half of what was usual in the last hour. Those ' +
      'that run go on with what they have, but get no changes and, in the end, no certificates. Unless pods were ' +
      'taken away on purpose, the way to istiod is cut or istiod refuses them: `meshplan verify` tries both.',
  };
}
