import type { ClientTls } from '../../model/mesh.js';
import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';
import { checkSubsetName } from './subset-names.js';
import type { Traffic } from './traffic.js';

/** Reports what the policy of a host, and those of its subsets, would do otherwise than they say. */
export function checkPolicies(source: MeshSource, rule: Traffic, index: number): void {
  const path = ['traffic', index];
  checkTls(source, rule.host, rule.tls, path);
  for (const [subset, policy] of Object.entries(rule.subsetPolicies ?? {})) {
    const place = [...path, 'subsetPolicies', subset];
    checkSubsetName(source, index, { host: rule.host, subset, place: source.keyAt(...place) });
    checkTls(source, `${rule.host}/${subset}`, policy.tls, place);
  }
  const { consecutiveLocalOriginFailures, splitExternalLocalOriginErrors } = rule.outlierDetection ?? {};
  if (consecutiveLocalOriginFailures === undefined || splitExternalLocalOriginErrors === true) return;
  source.findings.error(
    'local-origin-failures',
    source.keyAt(...path, 'outlierDetection', 'consecutiveLocalOriginFailures'),
    '`consecutiveLocalOriginFailures` needs `splitExternalLocalOriginErrors`: Istio refuses the rule without it',
    'add `splitExternalLocalOriginErrors: true`',
  );
}

function checkTls(source: MeshSource, subject: string, tls: ClientTls | undefined, path: Path): void {
  if (tls === undefined) return;
  const { findings } = source;
  const needless = WITHOUT_EFFECT[tls.mode].find((key) => tls[key] !== undefined);
  if (needless !== undefined) {
    const message = `\`${needless}\` has no effect with \`mode: ${tls.mode}\``;
    const place = source.keyAt(...path, 'tls', needless);
    findings.lint('unused-setting', place, { subject, message, hint: 'take it out' });
  }
  if (tls.mode === 'ISTIO_MUTUAL') return;
  const how = tls.mode === 'DISABLE' ? 'in plaintext' : 'without a certificate of the caller';
  const message = `requests go ${how}: pods that ask for mutual TLS refuse them, and no policy can tell the caller`;
  const hint = 'leave `tls` out: Istio speaks mutual TLS wherever both sides have a proxy';
  findings.lint('mtls-off', source.at(...path, 'tls', 'mode'), { subject, message, hint });
}

const WITHOUT_EFFECT = {
  DISABLE: ['sni', 'subjectAltNames', 'caCertificates'],
  ISTIO_MUTUAL: ['caCertificates'],
  SIMPLE: [],
} as const satisfies Record<ClientTls['mode'], readonly (keyof ClientTls)[]>;
