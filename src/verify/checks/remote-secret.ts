import { isIP } from 'node:net';
import { getObject } from '../../cluster/read.js';
import { type RemoteKubeconfig, readRemoteKubeconfig, UNREADABLE } from '../../cluster/remote-kubeconfig.js';
import { messageOf, UnreachableError } from '../../errors/index.js';
import type { RemoteCredentials } from '../../model/facts.js';
import type { Cluster, KubeObject } from '../../model/kube.js';
import { secretText } from '../certificates.js';
import { allRemotes, type VerifyContext } from '../context.js';
import { areSynced } from '../istiod.js';
import { PATHS } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass, skip, warn } from '../outcome.js';
import { describeRights, missingRights, READER_RIGHTS } from '../reader-rights.js';

const TIMEOUT_MS = 10_000;

const HINTS = {
  apply: 'Run `meshplan apply`: it writes the Secret anew.',
  loopback: 'Set clusters[].apiServer in mesh.yaml to an address that istiod in the primary reaches.',
  refused:
    'The token was revoked or belongs to another cluster: delete Secret istio-reader-service-account-istio-remote-secret-token in the remote, then run `meshplan apply`.',
  rights:
    'The reader role was made without istiodRemote.enabled or was changed: run `meshplan apply`, which applies the charts of the remote.',
  path: 'Set clusters[].apiServer in mesh.yaml to an address that istiod reaches, served with a certificate of the CA in the Secret.',
  outside: 'This machine may be outside the network of the clusters; istiod itself reaches the server.',
};

/** Per remote: what the primary's istiod was given opens the remote, and allows what istiod does there. */
export function remoteSecret(context: VerifyContext): CheckSpec[] {
  return allRemotes(context.mesh).map(({ name, primary }) => ({
    id: 'remote-secret',
    cluster: name,
    claim: `istiod of ${primary} holds credentials that open ${name} and suffice`,
    needs: [primary, name],
    run: () => checkSecret(context, name, primary),
  }));
}

async function checkSecret(context: VerifyContext, name: string, primary: string): Promise<Outcome> {
  const secret = await context.read(primary, PATHS.remoteSecret(name));
  const read = credentialsIn(secret, name, context.parseYaml);
  if ('fault' in read && read.fault === UNREADABLE && !context.parseYaml) {
    return skip(`Secret istio-remote-secret-${name} was written by another tool, as YAML`);
  }
  if ('fault' in read) return fail(`Secret istio-remote-secret-${name}: ${read.fault}`, HINTS.apply);
  const { credentials } = read;
  const facts = context.facts.clusters[name];
  const loopbackAllowed = facts?.reachable === true && facts.loopbackAllowed;
  if (!loopbackAllowed && namesThisMachine(credentials.server)) {
    return fail(`its server is ${credentials.server}, which istiod cannot reach`, HINTS.loopback);
  }
  const uid = facts?.reachable ? facts.uid : undefined;
  const cluster = context.connect(credentials);
  try {
    return await tryCredentials(context, cluster, credentials, uid);
  } catch (error) {
    context.signal?.throwIfAborted();
    if (!(error instanceof UnreachableError)) return fail(messageOf(error), HINTS.refused);
    const isRead = await areSynced(context, primary, [name]);
    return isRead ? warn(error.message, HINTS.outside) : fail(error.message, HINTS.path);
  } finally {
    cluster.close();
  }
}

/** The credentials of a remote secret, or what istiod would not accept. */
export function credentialsIn(
  secret: KubeObject | undefined,
  name: string,
  parseYaml?: (text: string) => unknown,
): RemoteKubeconfig {
  if (!secret) return { fault: 'it does not exist' };
  if (secret.metadata.labels?.['istio/multiCluster'] !== 'true') {
    return { fault: 'it lacks the label istio/multiCluster=true, by which istiod finds it' };
  }
  const text = secretText(secret.data, name);
  if (text === undefined) return { fault: `it has no key ${name}, which must be the name of the cluster` };
  return readRemoteKubeconfig(name, text, parseYaml);
}

async function tryCredentials(
  context: VerifyContext,
  cluster: Cluster,
  { server }: RemoteCredentials,
  uid: string | undefined,
): Promise<Outcome> {
  const options = { timeoutMs: TIMEOUT_MS, ...(context.signal ? { signal: context.signal } : {}) };
  const { body } = await cluster.request(PATHS.version, options);
  const answer = `${server} answers as ${(body as { gitVersion?: string }).gitVersion}`;
  const missing = await missingRights(cluster, context.signal);
  if (missing.length > 0) {
    return fail(`${answer}; not allowed: ${describeRights(missing)}`, HINTS.rights);
  }
  // Allowed, for the rights to read namespaces were seen above.
  const found = (await getObject(cluster, PATHS.kubeSystem))?.metadata.uid;
  if (uid && found !== uid) {
    return fail(`${answer}, but it is another cluster: UID ${found}, not ${uid}`, HINTS.path);
  }
  return pass(`${answer}, UID ${found}; all ${READER_RIGHTS.length} rights that istiod needs are there`);
}

/** Inside istiod's pod such an address is the pod itself. */
function namesThisMachine(server: string): boolean {
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
