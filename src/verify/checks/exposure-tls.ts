import { isIP } from 'node:net';
import { messageOf } from '../../errors/index.js';
import { exposureAddress } from '../address.js';
import { coversName, fingerprintOf, secretText, shortFingerprint } from '../certificates.js';
import { primariesOf, remotesOf, type VerifyContext } from '../context.js';
import { areSynced } from '../istiod.js';
import { ISTIOD_HOST, PATHS, PORTS } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass, skip, unsettled, warn } from '../outcome.js';
import { dialTls, getStatus, isUnreachable, type TlsTarget } from '../tls-dial.js';

const HINTS = {
  address: 'The load balancer has not answered yet: see the events of Service istio-system/istiod-external.',
  path: 'Let this machine and the remotes reach ports 15012 and 15017 of istiod-external; see its endpoints, firewall rules and allowFrom.',
  outside:
    'This machine may be outside the network of the clusters; run `meshplan verify` where the remotes are to be sure.',
  certificate:
    'Something else answers at this address, or istiod runs with another CA: see Service istiod-external and Secret cacerts, then restart istiod.',
  name: 'istiod must run with ISTIOD_CUSTOM_HOST set to this hostname: run `meshplan apply`.',
};

/** Per primary with remotes: istiod is there where remotes look for it, and is the right one. */
export function exposureTls(context: VerifyContext): CheckSpec[] {
  const exposed = primariesOf(context.mesh).filter(({ name }) => remotesOf(context.mesh, name).length > 0);
  return exposed.flatMap(({ name }) =>
    [PORTS.xds, PORTS.webhooks].map((port) => ({
      id: 'exposure-tls',
      cluster: name,
      claim: `istiod of ${name} answers TLS on port ${port} with a certificate of the mesh`,
      needs: [name],
      istiod: name,
      run: () => checkPort(context, name, port),
    })),
  );
}

async function checkPort(context: VerifyContext, primary: string, port: number): Promise<Outcome> {
  const address = await exposureAddress(context, primary);
  if (!address) return unsettled(fail('istiod-external has no address', HINTS.address));
  const secret = await context.read(primary, PATHS.cacerts);
  const ca = secretText(secret?.data, 'root-cert.pem');
  if (!ca) return skip('the root is not known: Secret cacerts is missing');
  const alpn = port === PORTS.xds ? 'h2' : 'http/1.1';
  const signal = context.signal ? { signal: context.signal } : {};
  const target: TlsTarget = { host: address, port, servername: ISTIOD_HOST, ca, alpn, ...signal };
  try {
    return await judgeAnswer(target);
  } catch (error) {
    context.signal?.throwIfAborted();
    return outcomeOfDial(context, primary, `${address}:${port}`, error);
  }
}

async function judgeAnswer(target: TlsTarget): Promise<Outcome> {
  const { host, port, servername } = target;
  const { certificate, refusal } = await dialTls(target);
  const names = certificate.subjectAltName ?? 'no name';
  const evidence = `${host}:${port} shows ${shortFingerprint(fingerprintOf(certificate))} for ${names}, valid until ${certificate.validTo}`;
  if (refusal) return fail(`${evidence}; it does not verify as ${servername}: ${refusal}`, HINTS.certificate);
  // An address that is an IP is only dialled; a hostname is also the name that webhooks ask for.
  if (!isIP(host) && !coversName(certificate, host)) {
    return fail(`${evidence}; the name ${host} is missing`, HINTS.name);
  }
  if (port !== PORTS.webhooks) return pass(`${evidence}, verified against the root`);
  const status = await getStatus(target, '/ready');
  if (status >= 500) {
    const hint = 'istiod is up but not ready: see its log.';
    return unsettled(fail(`${evidence}, but GET /ready answers ${status}`, hint));
  }
  return pass(`${evidence}, verified against the root; GET /ready answers ${status}`);
}

/** No way from here is no proof against the mesh as long as istiod serves its remotes. */
async function outcomeOfDial(
  context: VerifyContext,
  primary: string,
  where: string,
  error: unknown,
): Promise<Outcome> {
  const evidence = `${where}: ${messageOf(error)}`;
  if (!isUnreachable(error)) return unsettled(fail(evidence, HINTS.certificate));
  const remotes = remotesOf(context.mesh, primary).map(({ name }) => name);
  if (await areSynced(context, primary, remotes)) {
    return warn(`${evidence}; istiod has read its remotes all the same`, HINTS.outside);
  }
  return unsettled(fail(evidence, HINTS.path));
}
