import { openApi } from '../api.js';
import { makePrivateFolder, readIfExists, writePrivateFile, writePrivateJson } from '../files.js';
import type { ClusterLayout } from '../layout.js';
import type { Level1Cluster, Level1State } from '../state.js';
import {
  apiServerArgs,
  controllerManagerArgs,
  egressConfiguration,
  etcdArgs,
  kwokArgs,
  schedulerArgs,
} from './commands.js';
import { makeCredentials, saveAuthority } from './credentials.js';
import { kwokConfiguration } from './kwok.js';
import { createNodes } from './nodes.js';
import { appears, type Start, startProgram, waitForFirstAnswer, waitForHealth } from './programs.js';
import { waitUntilReady } from './ready.js';

/** A control plane on loopback, with nodes and pods that kwok plays. */
export async function startLevel1(
  start: Start<Level1Cluster>,
  { binaries }: Pick<Level1State, 'binaries'>,
): Promise<void> {
  const { cluster, layout } = start;
  const run = (name: keyof typeof binaries, args: string[]) =>
    startProgram(start, { name, command: binaries[name], args });
  await makeCredentials(cluster, layout);
  await makePrivateFolder(layout.istiod);
  await writePrivateJson(layout.egress, egressConfiguration);
  await writePrivateFile(layout.kwok, kwokConfiguration(cluster));
  await run('etcd', etcdArgs(cluster));
  await run('kube-apiserver', apiServerArgs(cluster, layout));
  const certificate = await appears(start, "the API server's certificate", () => completeCertificate(layout));
  await saveAuthority(layout, certificate);
  const api = await openApi(cluster, layout);
  try {
    await waitForFirstAnswer(start, api);
    await run('kwok', kwokArgs(cluster, layout));
    await run('kube-scheduler', schedulerArgs(layout));
    await createNodes(api.cluster, cluster);
    await waitForHealth(start, api);
    await run('kube-controller-manager', controllerManagerArgs(cluster, layout));
    await waitUntilReady(start, api);
  } finally {
    api.close();
  }
}

/**
 * The certificate that kube-apiserver makes for itself at its first start. It is written in one go after
 * the key, but not atomically: its last line tells that all is there.
 */
async function completeCertificate(layout: ClusterLayout): Promise<string | undefined> {
  const text = await readIfExists(layout.servingCert);
  return text?.endsWith('-----END CERTIFICATE-----\n') ? text : undefined;
}
