import { test } from 'uvu';
import { labDown, labUp } from '../../src/lab/index.js';
import { until } from '../support/until.js';
import { clusterz, injectedCluster, makeMesh } from './lab-mesh.js';
import { enterNamespace } from './lab-namespace.js';
import { labFolder, twoClusters } from './lab-support.js';

const ADDRESS = '172.31.9.1';
const unavailable = await enterNamespace(import.meta.url, [ADDRESS]);
const dir = labFolder();

function whereAnAddressCanBeAdded(name: string, body: () => Promise<void>): void {
  if (!unavailable) return void test(name, body);
  console.log(`skipped: ${name}: ${unavailable}`);
  test.skip(name, body);
}

whereAnAddressCanBeAdded('a load balancer that answers an IP carries a mesh made by hand', async () => {
  await labUp({ ...(await twoClusters(dir)), address: { type: 'ip', value: ADDRESS } });
  await makeMesh(dir, {
    primary: [],
    remote: [
      `values.global.remotePilotAddress=${ADDRESS}`,
      'values.istiodRemote.injectionPath=/inject/cluster/cluster-2/net/network1',
    ],
  });
  await until(
    'clusterz',
    () => clusterz(dir),
    (list) => list.length === 2 && list.every((item) => item.syncStatus === 'synced'),
  );
  for (const cluster of ['cluster-1', 'cluster-2']) {
    const ask = () => injectedCluster(dir, cluster).catch(() => undefined);
    await until(`injection in ${cluster}`, ask, (id) => id === cluster);
  }
  await labDown({ dir, onEvent: () => undefined });
});

test.run();
