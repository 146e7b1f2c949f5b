import { certificatesIn, secretText } from '../certificates.js';
import type { VerifyContext } from '../context.js';
import { PATHS } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass, skip, warn } from '../outcome.js';

const LIMIT_SECONDS = 60;

/** Per cluster: certificates issued by one clock are valid by the other. */
export function clockSkew(context: VerifyContext): CheckSpec[] {
  return context.mesh.clusters.map(({ name }) => ({
    id: 'clock-skew',
    cluster: name,
    claim: `the clocks of ${name} and this machine agree within ${LIMIT_SECONDS} s`,
    needs: [name],
    async run() {
      const probe = context.probes.get(name);
      if (!probe?.reachable || !probe.serverTime || probe.skewMs === undefined) {
        return skip('the API server tells no time (no Date header)');
      }
      const secret = await context.read(name, PATHS.cacerts);
      const pem = secretText(secret?.data, 'ca-cert.pem') ?? '';
      const [intermediate] = certificatesIn(pem, 'Secret cacerts');
      const notBefore = intermediate ? new Date(intermediate.validFrom) : undefined;
      return judgeClock(probe.serverTime, probe.skewMs, notBefore);
    },
  }));
}

/** Judges the server's clock against the local one and against the start of its intermediate. */
export function judgeClock(serverTime: Date, skewMs: number, notBefore?: Date): Outcome {
  const seconds = Math.round(skewMs / 1000);
  const evidence = `the server's clock says ${serverTime.toISOString()}, ${describe(seconds)}`;
  if (notBefore && notBefore.getTime() > serverTime.getTime()) {
    return fail(
      `${evidence}; its intermediate is valid only from ${notBefore.toISOString()}`,
      'Set the clocks by NTP; until then the certificates of this cluster are refused.',
    );
  }
  const valid = notBefore ? `; its intermediate is valid since ${notBefore.toISOString()}` : '';
  if (Math.abs(seconds) <= LIMIT_SECONDS) return pass(evidence + valid);
  return warn(evidence + valid, 'Set the clocks by NTP: workload certificates live only hours.');
}

function describe(seconds: number): string {
  if (seconds === 0) return 'as this machine';
  return `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} this machine`;
}
