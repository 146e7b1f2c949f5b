import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const INSIDE = 'MESHPLAN_TEST_NAMESPACE';

/**
 * Runs the calling test file again in a network namespace of its own, where 15012 and 15017 are free and
 * any address can be put on `lo`, and ends this process with that run's exit code. Inside, it returns
 * undefined; where there are no such namespaces, it returns the reason.
 */
export async function enterNamespace(
  testFile: string,
  addresses: string[] = [],
): Promise<string | undefined> {
  if (process.env[INSIDE]) return undefined;
  // An ordinary user becomes root of a user namespace, which may have a network of its own.
  const flags = process.getuid?.() === 0 ? ['-n'] : ['-Urn'];
  const setUp = ['ip link set lo up', ...addresses.map((address) => `ip addr add ${address}/32 dev lo`)];
  const script = (then: string) => [...flags, 'sh', '-c', [...setUp, then].join(' && '), 'sh'];
  const reason = await tryOut(script('exit 0'));
  if (reason !== undefined) return reason;
  const command = [process.execPath, '--import', 'tsx', fileURLToPath(testFile)];
  const child = spawn('unshare', [...script('exec "$@"'), ...command], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exit(code ?? 1);
}

/** Why the command fails, or undefined when it does not. */
async function tryOut(args: string[]): Promise<string | undefined> {
  const child = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (chunk) => (text += chunk));
  const code = await new Promise<number | null | Error>((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  if (code === 0) return undefined;
  const detail = code instanceof Error ? code.message : text.trim().split('\n').at(-1);
  return `no network namespace can be made here (${detail})`;
}
