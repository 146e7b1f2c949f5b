import { rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { userKubeconfig } from './cluster/credentials.js';
import { makePrivateFolder, writePrivateFile, writePrivateJson } from './files.js';
import { clusterLayoutOf, type LabLayout } from './layout.js';
import { overlayText } from './overlay.js';
import type { LabState } from './state.js';

/** What users and `lab exec` get: the kubeconfig, a folder for PATH, and at level 2 an overlay. */
export async function writeUserFiles(lab: LabLayout, state: LabState): Promise<void> {
  const clusters = state.clusters.map((cluster) => ({
    state: cluster,
    layout: clusterLayoutOf(lab, cluster.name),
  }));
  await writePrivateJson(lab.kubeconfig, await userKubeconfig(clusters));
  if (state.level === 2) await writePrivateFile(lab.overlay, overlayText());
  await makePrivateFolder(lab.bin);
  for (const name of ['istioctl', 'kubectl'] as const) {
    await rm(join(lab.bin, name), { force: true });
    await symlink(state.binaries[name], join(lab.bin, name));
  }
}
