import { generateRoot, issueLeaf } from '../../pki/index.js';
import { readIfExists, writePrivateFile } from '../files.js';
import type { ClusterLayout, KeyPairFiles } from '../layout.js';
import type { Level2Cluster } from '../state.js';
import { nodeName } from './nodes.js';

/** Longer than any lab lives. */
const VALIDITY_DAYS = 365;
const ORGANIZATION = 'meshplan lab';

/**
 * The certificates of a level-2 cluster: the API server and the kubelet each prove who they are, and the
 * kubelet lets only the API server in. The key of their CA is forgotten: nothing more is issued from it.
 * What is there already stays.
 */
export async function makeCertificates(cluster: Level2Cluster, layout: ClusterLayout): Promise<void> {
  if ((await readIfExists(layout.ca)) !== undefined) return;
  const ca = await generateRoot({
    organization: ORGANIZATION,
    commonName: cluster.name,
    validityDays: VALIDITY_DAYS,
    keyBits: 2048,
  });
  const api = await issueLeaf(ca, {
    subject: { organization: ORGANIZATION, commonName: 'kube-apiserver' },
    names: [
      'kubernetes',
      'kubernetes.default',
      'kubernetes.default.svc',
      'kubernetes.default.svc.cluster.local',
    ],
    addresses: [cluster.node, firstService(cluster)],
    usage: 'server',
  });
  const kubelet = await issueLeaf(ca, {
    subject: { organization: ORGANIZATION, commonName: 'kubelet' },
    names: [nodeName(cluster)],
    addresses: [cluster.node],
    usage: 'server',
  });
  // The kubelet asks its API server whether this group may do what it wants; masters may do all.
  const client = await issueLeaf(ca, {
    subject: { organization: 'system:masters', commonName: 'kube-apiserver-kubelet-client' },
    usage: 'client',
  });
  await writePair({ cert: layout.servingCert, key: layout.servingKey }, api);
  await writePair(layout.kubeletServer, kubelet);
  await writePair(layout.kubeletClient, client);
  // Last, for it says that all of them are there.
  await writePrivateFile(layout.ca, ca.certPem);
}

/** The address that Kubernetes gives its own Service `kubernetes`: the first of the range. */
const firstService = ({ serviceCidr }: Level2Cluster) => serviceCidr.replace(/\.0\/\d+$/, '.1');

async function writePair(files: KeyPairFiles, pair: { certPem: string; keyPem: string }): Promise<void> {
  await writePrivateFile(files.cert, pair.certPem);
  await writePrivateFile(files.key, pair.keyPem);
}
