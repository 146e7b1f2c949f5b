import { type ClusterFlags, stateFileOf } from '../flags.js';
import { loadDeclaration } from '../wiring.js';

/**
 * Names from the user's files, for completion: clusters and environments of the mesh file, addresses and
 * actions of the state, contexts of the kubeconfig. A file that cannot be read offers nothing; the command will tell why.
 */
export async function namesOf(placeholder: string, given: ReadonlyMap<string, string>): Promise<string[]> {
  try {
    return await read(placeholder, given);
  } catch {
    return [];
  }
}

async function read(placeholder: string, given: ReadonlyMap<string, string>): Promise<string[]> {
  switch (placeholder) {
    case 'cluster': {
      const { clusters, fenced } = await declared(given);
      return [...clusters, ...fenced].map(({ name }) => name);
    }
    case 'environment': {
      const { readEnvironments } = await import('../../config/index.js');
      return readEnvironments(flagsOf(given).file);
    }
    case 'address':
      return Object.keys((await stateOf(given)).objects).sort();
    case 'context': {
      const { readContexts } = await import('../../kube/contexts.js');
      return (await readContexts(given.get('kubeconfig'))).map(({ name }) => name);
    }
    default:
      return [];
  }
}

/** The flags that lead to the mesh file and its state. */
function flagsOf(given: ReadonlyMap<string, string>): Pick<ClusterFlags, 'file' | 'state' | 'env'> {
  const [state, env] = [given.get('state'), given.get('env')];
  return { file: given.get('file') ?? 'mesh.yaml', ...(state ? { state } : {}), ...(env ? { env } : {}) };
}

const declared = async (given: ReadonlyMap<string, string>) =>
  (await loadDeclaration({ ...flagsOf(given), overlay: [], strict: false })).mesh;

async function stateOf(given: ReadonlyMap<string, string>) {
  const { openState } = await import('../../state/index.js');
  return (await openState(stateFileOf(flagsOf(given)), (await declared(given)).name)).state;
}
