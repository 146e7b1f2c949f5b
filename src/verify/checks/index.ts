import type { VerifyContext } from '../context.js';
import type { CheckSpec } from '../outcome.js';
import { analysis } from './analyze.js';
import { clockSkew } from './clock-skew.js';
import { clusterReachable } from './cluster-reachable.js';
import { clusterSynced } from './cluster-synced.js';
import { exposureTls } from './exposure-tls.js';
import { fence } from './fence.js';
import { injection } from './injection.js';
import { injectorAddress } from './injector-address.js';
import { istiodReady } from './istiod-ready.js';
import { kialiSecret } from './kiali-secret.js';
import { oneRoot } from './one-root.js';
import { proxiesSynced } from './proxies-synced.js';
import { remoteSecret } from './remote-secret.js';
import { versionSupported } from './version-supported.js';
import { versionsAgree } from './versions-agree.js';

/** Every kind of check, in the order of a report: from the clusters themselves to what pods see. */
export const ALL_CHECKS: readonly ((context: VerifyContext) => CheckSpec[])[] = [
  clusterReachable,
  versionSupported,
  clockSkew,
  istiodReady,
  versionsAgree,
  oneRoot,
  exposureTls,
  remoteSecret,
  fence,
  clusterSynced,
  proxiesSynced,
  injectorAddress,
  injection,
  kialiSecret,
  analysis,
];

/** Those of what changes while nobody changes the mesh. They cost a handful of requests. */
export const STATUS_CHECKS: typeof ALL_CHECKS = [clusterReachable, istiodReady, clusterSynced, proxiesSynced];
