import type { ResolvedMesh } from '../../../model/resolved-mesh.js';
import { warningDays } from '../lifetimes.js';
import { ROOT_EXPIRY, SIGNING_EXPIRY, timeLeft } from '../promql.js';
import type { Rule } from './rule.js';

const DAY_SECONDS = 86_400;

/** About the end of what everybody trusts, and of what istiod signs with. */
export function certificateRules(mesh: ResolvedMesh): Rule[] {
  const days = warningDays(mesh);
  return [
    ...expiryRules({
      alert: 'MeshRootCertificateExpiring',
      subject: 'root certificate',
      timestamp: ROOT_EXPIRY,
      days: days.root,
      remedy: 'Plan its replacement in all clusters of the mesh now: it takes long.',
    }),
    ...expiryRules({
      alert: 'MeshSigningCertificateExpiring',
      subject: 'certificate that istiod signs with',
      timestamp: SIGNING_EXPIRY,
      days: days.signing,
      remedy:
        mesh.trust.source === 'secret'
          ? 'Renew the Secret cacerts in istio-system.'
          : '`meshplan apply` renews it in these days.',
    }),
  ];
}

interface Expiry {
  alert: string;
  subject: string;
  /** The metric that holds its end. */
  timestamp: string;
  /** How many are left when the warning begins. */
  days: number;
  remedy: string;
}

/** A warning when `days` are left, and a critical alert when a quarter of them is. */
function expiryRules({ alert, subject, timestamp, days, remedy }: Expiry): Rule[] {
  const levels = [
    { severity: 'warning', left: days },
    { severity: 'critical', left: days / 4 },
  ] as const;
  return levels.map(({ severity, left }) => ({
    alert,
    expr: `${timeLeft(timestamp)} < ${Math.round(left * DAY_SECONDS)}`,
    for: '1h',
    severity,
    summary: `Time left of the ${subject}: {{ $value | humanizeDuration }}`,
    description:
      `Once the ${subject} has ended, workloads no longer trust each other, and every request between them fails. ` +
      remedy,
  }));
}
