import { delimiter, dirname, join } from 'node:path';
import { answers, type LabApi, openApi } from '../api.js';
import type { BinaryNames } from '../binaries/types.js';
import { makePrivateFolder, writePrivateFile, writePrivateJson } from '../files.js';
import { COREDNS_IMAGE, PAUSE_IMAGE } from '../images/names.js';
import type { ImageArchive } from '../images/types.js';
import { namesOf, within } from '../network/names.js';
import { isListening } from '../ports.js';
import type { ProcessRecord } from '../processes.js';
import type { Level2Cluster, Level2State } from '../state.js';
import { makeCertificates } from './certificates.js';
import { apiServerArgs, controllerManagerArgs, etcdArgs, schedulerArgs } from './commands.js';
import { makeCredentials } from './credentials.js';
import { createDns } from './dns.js';
import { findMissing, type ImageStore, importArchives } from './import-images.js';
import {
  cniConfiguration,
  containerdArgs,
  containerdConfiguration,
  kubeletArgs,
  kubeletConfiguration,
  kubeProxyArgs,
  kubeProxyConfiguration,
  type NodeFolders,
  nodeFoldersOf,
  withMountsOf,
  withOwnMounts,
} from './node-commands.js';
import { appears, type Start, startProgram, waitForFirstAnswer, waitForHealth } from './programs.js';
import { waitUntilReady } from './ready.js';

/** What the first pod, the DNS, runs from. */
const NODE_IMAGES = [PAUSE_IMAGE, COREDNS_IMAGE];

/** What one start of a node needs to know. */
interface NodeStart {
  start: Start<Level2Cluster>;
  state: Pick<Level2State, 'binaries' | 'images' | 'host'>;
  folders: NodeFolders;
  images: ImageStore;
  /** @param within - what it is started through, in the node's network. */
  run(name: BinaryNames[2], args: string[], within?: string[]): Promise<ProcessRecord>;
}

/** A control plane and one real node, all in a network namespace of their own. */
export async function startLevel2(start: Start<Level2Cluster>, state: NodeStart['state']): Promise<void> {
  const { cluster, layout } = start;
  const node = nodeStart(start, state);
  await makeCertificates(cluster, layout);
  await makeCredentials(cluster, layout);
  await writeNodeFiles(node);
  const api = await openApi(cluster, layout);
  try {
    // Unpacking images and starting an API server each take seconds, and the node needs few of the images.
    const controlPlane = startControlPlane(node, api);
    const containers = startContainers(node);
    const allImages = containers.then(({ others }) => importArchives(node.images, others));
    const ready = Promise.all([containers, controlPlane]).then(([{ containerd }]) =>
      startNode(node, api, containerd),
    );
    await allOrNone(start, [controlPlane, allImages, ready]);
  } finally {
    api.close();
  }
}

function nodeStart(start: Start<Level2Cluster>, state: NodeStart['state']): NodeStart {
  const names = namesOf(start.lab.dir);
  const { index } = start.cluster;
  const { binaries, host } = state;
  // containerd looks for its shim on PATH, as shims do for runc and kube-proxy for iptables.
  const path = [dirname(binaries['containerd-shim-runc-v2']), host.path].join(delimiter);
  const run: NodeStart['run'] = (name, args, further = []) => {
    const program = { name, command: binaries[name], args, env: { PATH: path } };
    return startProgram(start, program, [...within(names.cluster(index)), ...further]);
  };
  const folders = nodeFoldersOf(names.runDir(index));
  const images = { ctr: binaries.ctr, socket: folders.socket, signal: start.signal };
  return { start, state, folders, images, run };
}

/** The node's own programs, up to a cluster at rest. */
async function startNode({ start, folders, run }: NodeStart, api: LabApi, containerd: ProcessRecord) {
  const { cluster, layout } = start;
  await run('kubelet', kubeletArgs(cluster, layout, folders), withMountsOf(containerd.pid));
  await run('kube-proxy', kubeProxyArgs(layout));
  // The API server makes it a moment after its first answer.
  const namespace = () => answers(api, '/api/v1/namespaces/kube-system', start.signal);
  await appears(start, 'the namespace kube-system', namespace);
  await createDns(api.cluster, cluster, COREDNS_IMAGE);
  await waitUntilReady(start, api);
}

async function startControlPlane({ start, folders, run }: NodeStart, api: LabApi): Promise<void> {
  const { cluster, layout } = start;
  await run('etcd', etcdArgs(cluster));
  await run('kube-apiserver', apiServerArgs(cluster, layout));
  await waitForFirstAnswer(start, api);
  await run('kube-scheduler', schedulerArgs(layout));
  await waitForHealth(start, api);
  // Not in the lab's folder: one that was removed by hand while this starts would come back half.
  await run('kube-controller-manager', controllerManagerArgs(cluster, layout, folders.volumePlugins));
}

/** containerd with the images that the node itself needs, and what else it is to be given. */
async function startContainers({ start, state, folders, images, run }: NodeStart) {
  const containerd = await run('containerd', containerdArgs(start.layout), withOwnMounts);
  await appears(start, "containerd's socket", () => isListening(folders.socket));
  const missing = await findMissing(images, state.images);
  if (missing.length > 0) {
    const message = `Unpacking ${missing.length} archives of images.`;
    start.onEvent({ type: 'cluster.waiting', cluster: start.cluster.name, message });
  }
  const isFirst = ({ names }: ImageArchive) => NODE_IMAGES.some((name) => names.includes(name));
  await importArchives(images, missing.filter(isFirst));
  return { containerd, others: missing.filter((archive) => !isFirst(archive)) };
}

/** All have come to rest before it returns; the first failure counts. */
async function allOrNone(start: Start, work: Promise<unknown>[]): Promise<void> {
  for (const item of work) item.catch((error: unknown) => start.failure.abort(error));
  await Promise.allSettled(work);
  start.signal.throwIfAborted();
}

async function writeNodeFiles({ start, state, folders }: NodeStart): Promise<void> {
  const { cluster, layout, lab } = start;
  for (const folder of [folders.run, layout.cni]) await makePrivateFolder(folder);
  const name = namesOf(lab.dir).cluster(cluster.index);
  const host = { cniPlugins: state.host.cniDir, pauseImage: PAUSE_IMAGE };
  await writePrivateFile(layout.containerd, containerdConfiguration(layout, folders, host));
  await writePrivateJson(join(layout.cni, 'lab.conflist'), cniConfiguration(cluster, folders, name));
  await writePrivateJson(layout.kubelet, kubeletConfiguration(cluster, layout, folders));
  await writePrivateJson(layout.kubeProxy, kubeProxyConfiguration(cluster, layout));
  await writePrivateFile(layout.resolvConf, '# No name server: nothing in a lab reaches outside.\n');
}
