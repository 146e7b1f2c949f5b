import { ExitCode, MeshplanError } from '../errors/index.js';
import type { LabLayout } from './layout.js';
import { namesOf } from './network/names.js';
import { hasNetwork } from './network/network.js';

/**
 * The network namespace in which a level-2 lab's clusters are reachable; it is gone after the machine was started
 * anew. @throws MeshplanError `lab-absent` (exit code 3).
 */
export async function requireHub(lab: LabLayout): Promise<string> {
  const names = namesOf(lab.dir);
  if (await hasNetwork(names, 0)) return names.hub;
  throw new MeshplanError('lab-absent', `the network of the lab in ${lab.dir} is gone`, {
    hint: 'Bring it back with `meshplan lab up`; its data is still there.',
    exitCode: ExitCode.invalid,
  });
}
