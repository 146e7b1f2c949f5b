import type { Panel } from './grafana.js';
import { errors, NO_ERRORS, perSecond, quantiles } from './istiod.js';

const HALF = { width: 12, height: 8 } as const;
const THIRD = { width: 8, height: 8 } as const;

/** Injection of sidecars, and validation of what istiod is given. */
export function webhooks(): Panel[] {
  return [
    {
      ...THIRD,
      title: 'Injections per second',
      type: 'curves',
      queries: [
        { expr: perSecond('sidecar_injection_requests_total'), legend: 'asked for' },
        { expr: perSecond('sidecar_injection_success_total'), legend: 'done' },
        { expr: perSecond('sidecar_injection_skip_total'), legend: 'not wanted' },
      ],
    },
    {
      ...THIRD,
      title: 'Time of an injection',
      type: 'curves',
      queries: quantiles('sidecar_injection_time_seconds'),
      unit: 's',
    },
    {
      ...THIRD,
      title: 'Errors of injection',
      description:
        'Pods that were not created for it, and injectors in which istiod could not set its certificate.',
      type: 'events',
      queries: errors(
        { metric: 'sidecar_injection_failure_total', legend: 'injections' },
        { metric: 'webhook_patch_failures_total', label: 'name, reason', legend: '{{name}}: {{reason}}' },
      ),
      noValue: NO_ERRORS,
    },
    {
      ...HALF,
      title: 'Validations per second',
      type: 'curves',
      queries: [{ expr: perSecond('galley_validation_passed'), legend: 'passed' }],
      noValue: 'None since istiod started',
    },
    {
      ...HALF,
      title: 'Errors of validation',
      description:
        'Configuration that istiod refused, requests that it could not read, and webhooks that it could not set up.',
      type: 'events',
      queries: errors(
        { metric: 'galley_validation_failed', label: 'resource, reason', legend: '{{resource}}: {{reason}}' },
        { metric: 'galley_validation_http_error', label: 'status', legend: 'answered with {{status}}' },
        { metric: 'galley_validation_config_update_error', label: 'reason', legend: 'webhook: {{reason}}' },
      ),
      noValue: NO_ERRORS,
    },
  ];
}

/** What istiod does as the mesh's certificate authority. */
export function certificates(): Panel[] {
  return [
    {
      ...HALF,
      title: 'Certificates issued to proxies per second',
      type: 'curves',
      queries: [
        { expr: perSecond('citadel_server_csr_count'), legend: 'asked for' },
        { expr: perSecond('citadel_server_success_cert_issuance_count'), legend: 'issued' },
      ],
      noValue: 'None since istiod started',
    },
    {
      ...HALF,
      title: 'Errors of issuing',
      type: 'events',
      queries: errors(
        { metric: 'citadel_server_authentication_failure_count', legend: 'callers not known' },
        { metric: 'citadel_server_csr_parsing_err_count', legend: 'requests that cannot be read' },
        { metric: 'citadel_server_id_extraction_err_count', legend: 'requests without an identity' },
        { metric: 'citadel_server_csr_sign_err_count', label: 'error', legend: 'signing: {{error}}' },
      ),
      noValue: NO_ERRORS,
    },
  ];
}
