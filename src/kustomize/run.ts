import { messageOf } from '../errors/index.js';
import { wordsOf } from './words.js';

const TIMEOUT_MS = 60_000;

/** How a run of `kubectl kustomize` ended. */
export type Outcome =
  | { type: 'built'; yaml: string }
  /** This kubectl has no such command. */
  | { type: 'unable'; reason: string }
  | { type: 'failed'; reason: string };

/**
 * Nothing is fetched: without PATH there is no git, and a proxy that is nobody's answers no request. What else
 * the user's environment holds is no input of a build.
 */
const ENVIRONMENT = {
  PATH: '',
  KUBECONFIG: '/dev/null',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
};

/** kubectl before 1.14 has no kustomize. */
const UNKNOWN_COMMAND = /^unknown command "kustomize"/;

/** Builds the kustomization in a folder, without plugins, charts and files from outside of each kustomization. */
export async function runKustomize(kubectl: string, folder: string): Promise<Outcome> {
  const { execa } = await import('execa');
  try {
    const { failed, stdout, stderr, shortMessage } = await execa(kubectl, ['kustomize', folder], {
      stdin: 'ignore',
      env: ENVIRONMENT,
      extendEnv: false,
      timeout: TIMEOUT_MS,
      reject: false,
    });
    if (!failed) return { type: 'built', yaml: stdout };
    const reason = wordsOf(stderr) || shortMessage || 'it ended without a word';
    return { type: UNKNOWN_COMMAND.test(reason) ? 'unable' : 'failed', reason };
  } catch (error) {
    return { type: 'unable', reason: messageOf(error) };
  }
}
