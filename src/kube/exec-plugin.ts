import { spawn } from 'node:child_process';
import { MeshplanError } from '../errors/index.js';
import type { Credentials } from './credentials.js';

/** A user's `exec` entry of a kubeconfig, with what its program may ask about the cluster. */
export interface ExecPlugin {
  /** The user's name in the kubeconfig, for people. */
  user: string;
  command: string;
  args: string[];
  env: Record<string, string>;
  apiVersion: string;
  installHint?: string;
  /** Left out unless the entry says `provideClusterInfo`. */
  cluster?: Record<string, unknown>;
}

/** A login in a browser takes a while; a plugin that hangs must not hang a plan. */
const LIMIT_MS = 60_000;
const LONGEST_WORDS = 300;

/**
 * Runs a credential plugin once (client.authentication.k8s.io, `ExecCredential` on stdout).
 * @throws MeshplanError `credentials-failed` with the plugin's last words on stderr, and nothing of its stdout.
 */
export async function runPlugin(plugin: ExecPlugin): Promise<Credentials> {
  const { code, stdout, stderr } = await runProgram(plugin);
  if (code !== 0) throw failed(plugin, `ended with ${code}${stderr ? `: ${wordsOf(stderr)}` : ''}`);
  const status = statusOf(stdout);
  const credentials = {
    ...(status?.token ? { token: status.token } : {}),
    ...(status?.clientCertificateData ? { cert: status.clientCertificateData } : {}),
    ...(status?.clientKeyData ? { key: status.clientKeyData } : {}),
  };
  if (Object.keys(credentials).length === 0) throw failed(plugin, 'printed no credentials');
  return credentials;
}

interface Outcome {
  code: number | string;
  stdout: string;
  stderr: string;
}

function runProgram(plugin: ExecPlugin): Promise<Outcome> {
  const { apiVersion, cluster } = plugin;
  const spec = { interactive: process.stdin.isTTY === true, ...(cluster ? { cluster } : {}) };
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
  return new Promise((resolve, reject) => {
    const child = spawn(plugin.command, plugin.args, {
      env: { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: info },
      stdio: ['inherit', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (chunk: string) => {
        output[name] += chunk;
      });
    }
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(failed(plugin, error.code === 'ENOENT' ? 'is not there' : error.message)),
    );
    child.once('close', (code, signal) => resolve({ code: code ?? `${signal}`, ...output }));
  });
}

interface ExecStatus {
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
}

function statusOf(stdout: string): ExecStatus | undefined {
  try {
    return (JSON.parse(stdout) as { status?: ExecStatus }).status;
  } catch {
    return undefined;
  }
}

/** What may be a token or key is not shown, whoever printed it. */
function wordsOf(stderr: string): string {
  const lines = stderr.trim().split('\n').slice(-3).join(' ');
  const plain = lines.replace(/[A-Za-z0-9+/_=.-]{32,}/g, '…');
  return plain.length > LONGEST_WORDS ? `${plain.slice(0, LONGEST_WORDS)}…` : plain;
}

const failed = ({ user, command, installHint }: ExecPlugin, what: string) =>
  new MeshplanError('credentials-failed', `the credential plugin ${command} of user ${user} ${what}`, {
    hint: installHint ?? 'Log in again, and try it with kubectl.',
  });
