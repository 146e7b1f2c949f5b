import { readFile } from 'node:fs/promises';
import { ExitCode, MeshplanError } from '../errors/index.js';
import { type ExecPlugin, runPlugin } from './exec-plugin.js';

/** What an API server takes for who is asking. Secret: never printed, never stored. */
export interface Credentials {
  token?: string;
  /** PEM. */
  cert?: string;
  key?: string;
}

/** Credentials that come from elsewhere than the kubeconfig itself, and may end. */
export interface CredentialSource {
  /** @throws MeshplanError `credentials-failed`. */
  get(): Promise<Credentials>;
  /** New ones in place of those that a server did not take; undefined where there are no others. */
  renew(refused: Credentials): Promise<Credentials | undefined>;
}

/** Runs a plugin at the first request, and again only when a server refuses what it gave. */
export const fromPlugin = (plugin: ExecPlugin): CredentialSource => keep(() => runPlugin(plugin));

/** Reads a token from a file, which somebody else keeps fresh. */
export const fromFile = (file: string): CredentialSource =>
  keep(async () => {
    try {
      return { token: (await readFile(file, 'utf8')).trim() };
    } catch (error) {
      throw new MeshplanError('credentials-failed', `the token file ${file} cannot be read`, {
        hint: 'Check tokenFile in the kubeconfig.',
        cause: error,
        exitCode: ExitCode.failed,
      });
    }
  });

/** Asks once for all that share the source, however many requests wait for it. */
function keep(ask: () => Promise<Credentials>): CredentialSource {
  let current: Promise<Credentials> | undefined;
  const get = () => {
    current ??= ask();
    return current;
  };
  return {
    get,
    async renew(refused) {
      // Another request may have renewed them meanwhile.
      const asked = current;
      const held = await get();
      if (held === refused && current === asked) current = ask();
      const fresh = await get();
      return isSame(fresh, refused) ? undefined : fresh;
    },
  };
}

const isSame = (a: Credentials, b: Credentials) => a.token === b.token && a.cert === b.cert;
