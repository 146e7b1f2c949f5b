import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readIfExists, writePrivateFile, writePrivateJson } from '../files.js';
import { type ClusterLayout, kubeconfigOf } from '../layout.js';
import type { ClusterState } from '../state.js';
import { API_SERVER_PORT } from './commands.js';
import { nodeName } from './nodes.js';

interface User {
  name: string;
  user: string;
  group: string;
}

/** Who may speak to an API server, by the users and groups that Kubernetes' own RBAC rules know. */
const USERS: User[] = [
  { name: 'admin', user: 'lab-admin', group: 'system:masters' },
  // Without credentials per controller this one needs the rights of them all.
  { name: 'kube-controller-manager', user: 'system:kube-controller-manager', group: 'system:masters' },
  // Starts before RBAC's own rules are there; without this it would be refused, and then wait.
  { name: 'kube-scheduler', user: 'system:kube-scheduler', group: 'system:masters' },
];

function usersOf(cluster: ClusterState): User[] {
  if (cluster.level === 1) return [...USERS, { name: 'kwok', user: 'lab-kwok', group: 'system:masters' }];
  return [
    ...USERS,
    { name: 'kubelet', user: `system:node:${nodeName(cluster)}`, group: 'system:nodes' },
    { name: 'kube-proxy', user: 'system:kube-proxy', group: 'system:node-proxiers' },
  ];
}

/** Makes the cluster's random tokens and its keys, unless they are there. */
export async function makeCredentials(cluster: ClusterState, layout: ClusterLayout): Promise<void> {
  if ((await readIfExists(layout.tokens)) !== undefined) return;
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await writePrivateFile(layout.serviceAccountKey, privateKey);
  await writePrivateFile(layout.serviceAccountPublicKey, publicKey);
  const lines: string[] = [];
  for (const { name, user, group } of usersOf(cluster)) {
    const token = randomBytes(24).toString('hex');
    lines.push(`${token},${user},${user},"${group}"`);
    if (name === 'admin') await writePrivateFile(layout.adminToken, token);
    else await writeKubeconfig(kubeconfigOf(layout, name), cluster, layout, token);
  }
  await writePrivateFile(layout.tokens, `${lines.join('\n')}\n`);
}

/** A kubeconfig for a process of the lab. It is JSON, which every YAML reader takes. */
export async function writeKubeconfig(
  path: string,
  cluster: ClusterState,
  layout: ClusterLayout,
  token: string,
): Promise<void> {
  const { name } = cluster;
  await writePrivateJson(path, {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: serverOf(cluster), 'certificate-authority': layout.ca } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });
}

export const serverOf = (cluster: ClusterState) =>
  cluster.level === 1
    ? `https://127.0.0.1:${cluster.ports.apiServer}`
    : `https://${cluster.node}:${API_SERVER_PORT}`;

/**
 * Takes the certificate authority out of the serving certificate that kube-apiserver made for itself:
 * the file holds the server's own certificate and then its issuer's.
 */
export async function saveAuthority(layout: ClusterLayout, servingCert: string): Promise<void> {
  const blocks = servingCert.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----\n?/g) ?? [];
  await writePrivateFile(layout.ca, blocks.at(-1) ?? servingCert);
}

/** The kubeconfig that users get: self-contained, one context per cluster, named as the mesh file's. */
export async function userKubeconfig(
  clusters: { state: ClusterState; layout: ClusterLayout }[],
): Promise<object> {
  const entries = await Promise.all(
    clusters.map(async ({ state, layout }) => ({
      name: state.name,
      context: state.context,
      level: state.level,
      server: serverOf(state),
      ca: (await readFile(layout.ca)).toString('base64'),
      token: await readFile(layout.adminToken, 'utf8'),
    })),
  );
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: entries.map(({ name, level, server, ca }) => ({
      name,
      cluster: {
        server,
        'certificate-authority-data': ca,
        // This alone lets a loopback server stand in a remote secret.
        extensions: [{ name: 'meshplan-lab', extension: { level } }],
      },
    })),
    users: entries.map(({ name, token }) => ({ name, user: { token } })),
    contexts: entries.map(({ name, context }) => ({ name: context, context: { cluster: name, user: name } })),
    'current-context': entries[0]?.context ?? '',
  };
}
