import { isIP } from 'node:net';
import { getObject } from '../../cluster/read.js';
import { type RemoteKubeconfig, readRemoteKubeconfig, UNREADABLE } from '../../cluster/remote-kubeconfig.js';
import { messageOf, UnreachableError } from '../../errors/index.js';
import type { RemoteCredentials } from '../../model/facts.js';
import type { Cluster, KubeObject } from '../../model/kube.js';
import { secretText } from '../certificates.js';
import { allRemotes, type VerifyContext } from '../context.js';
import { areSynced } from '../istiod.js';
import { ISTIO_NAMESPACE, PATHS } from '../names.js';
import { type CheckSpec, fail, type Outcome, pass, skip, warn } from '../outcome.js';
import { describeRights, missingRights, READER_RIGHTS, type Right } from '../reader-rights.js';

const TIMEOUT_MS = 10_000;

const HINTS = {
  apply: 'Run `meshplan apply`: it writes the Secret anew.',
  outside: 'This machine may be outside the network of the clusters; istiod itself reaches the server.',
};

/** A Secret in one cluster that lets a program there read another. */
export interface Grant {
  /** The program, as evidence names it. */
  reader: string;
  home: string;
  /** The cluster that is read. */
  name: string;
  secret: string;
  namespace: string;
  /** By which the program finds the Secret. */
  label: string;
  /** The Secret in the read cluster that holds the token. */
  token: string;
  rights: readonly Right[];
  /** Why rights may be missing, and what mends it. */
  rightsHint: string;
  /** Whether the program itself reaches the cluster, where this machine does not. */
  isRead?: () => Promise<boolean>;
}

/** Per remote: what the primary's istiod was given opens the remote, and allows what istiod does there. */
export function remoteSecret(context: VerifyContext): CheckSpec[] {
  return allRemotes(context.mesh).map(({ name, primary }) => ({
    id: 'remote-secret',
    cluster: name,
    claim: `istiod of ${primary} holds credentials that open ${name} and suffice`,
    needs: [primary, name],
    run: () =>
      checkGrant(context, {
        reader: 'istiod',
        home: primary,
        name,
        secret: `istio-remote-secret-${name}`,
        namespace: ISTIO_NAMESPACE,
        label: 'istio/multiCluster',
        token: 'istio-reader-service-account-istio-remote-secret-token',
        rights: READER_RIGHTS,
        rightsHint:
          'The reader role was made without istiodRemote.enabled or was changed: run `meshplan apply`, which applies the charts of the remote.',
        isRead: () => areSynced(context, primary, [name]),
      }),
  }));
}

/** Reads the Secret as the program does, and tries what it gives. */
export async function checkGrant(context: VerifyContext, grant: Grant): Promise<Outcome> {
  const { reader, home, name } = grant;
  const secret = await context.read(home, `/api/v1/namespaces/${grant.namespace}/secrets/${grant.secret}`);
  const read = credentialsIn(secret, grant, context.parseYaml);
  if ('fault' in read && read.fault === UNREADABLE && !context.parseYaml) {
    return skip(`Secret ${grant.secret} was written by another tool, as YAML`);
  }
  if ('fault' in read) return fail(`Secret ${grant.secret}: ${read.fault}`, HINTS.apply);
  const { credentials } = read;
  const facts = context.facts.clusters[name];
  const loopbackAllowed = facts?.reachable === true && facts.loopbackAllowed;
  if (!loopbackAllowed && namesThisMachine(credentials.server)) {
    const hint = `Set clusters[].apiServer of ${name} in mesh.yaml to an address that ${reader} in ${home} reaches.`;
    return fail(`its server is ${credentials.server}, which ${reader} cannot reach`, hint);
  }
  const uid = facts?.reachable ? facts.uid : undefined;
  const cluster = context.connect(credentials);
  try {
    return await tryCredentials(context, cluster, credentials, grant, uid);
  } catch (error) {
    context.signal?.throwIfAborted();
    if (!(error instanceof UnreachableError)) return fail(messageOf(error), refusedHint(grant));
    return (await grant.isRead?.())
      ? warn(error.message, HINTS.outside)
      : fail(error.message, pathHint(grant));
  } finally {
    cluster.close();
  }
}

const refusedHint = ({ token, name }: Grant) =>
  `The token was revoked or belongs to another cluster: delete Secret ${token} in ${name}, then run \`meshplan apply\`.`;

const pathHint = ({ reader, name }: Grant) =>
  `Set clusters[].apiServer of ${name} in mesh.yaml to an address that ${reader} reaches, served with a certificate of the CA in the Secret.`;

/** The credentials in a Secret, or what the program would not accept. */
export function credentialsIn(
  secret: KubeObject | undefined,
  { name, label, reader }: Pick<Grant, 'name' | 'label' | 'reader'>,
  parseYaml?: (text: string) => unknown,
): RemoteKubeconfig {
  if (!secret) return { fault: 'it does not exist' };
  if (secret.metadata.labels?.[label] !== 'true') {
    return { fault: `it lacks the label ${label}=true, by which ${reader} finds it` };
  }
  const text = secretText(secret.data, name);
  if (text === undefined) return { fault: `it has no key ${name}, which must be the name of the cluster` };
  return readRemoteKubeconfig(name, text, parseYaml);
}

async function tryCredentials(
  context: VerifyContext,
  cluster: Cluster,
  { server }: RemoteCredentials,
  grant: Grant,
  uid: string | undefined,
): Promise<Outcome> {
  const options = { timeoutMs: TIMEOUT_MS, ...(context.signal ? { signal: context.signal } : {}) };
  const { body } = await cluster.request(PATHS.version, options);
  const answer = `${server} answers as ${(body as { gitVersion?: string }).gitVersion}`;
  const missing = await missingRights(cluster, context.signal, grant.rights);
  if (missing.length > 0) {
    return fail(`${answer}; not allowed: ${describeRights(missing)}`, grant.rightsHint);
  }
  // Allowed, for the rights to read namespaces were seen above.
  const found = (await getObject(cluster, PATHS.kubeSystem))?.metadata.uid;
  if (uid && found !== uid) {
    return fail(`${answer}, but it is another cluster: UID ${found}, not ${uid}`, pathHint(grant));
  }
  return pass(
    `${answer}, UID ${found}; all ${grant.rights.length} rights that ${grant.reader} needs are there`,
  );
}

/** Inside a pod such an address is the pod itself. */
function namesThisMachine(server: string): boolean {
  const host = new URL(server).hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
