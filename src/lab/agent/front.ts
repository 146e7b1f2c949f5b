import { createServer, type Server } from 'node:net';
import { MeshplanError } from '../../errors/index.js';
import { labFolderOf, listenerOf } from '../host.js';
import { tryListen } from '../ports.js';
import type { LabAddress } from '../types.js';
import type { Destination } from './routes.js';
import { dial, tunnel } from './tunnel.js';

/** What istiod-external exposes. The stand-in holds them for the whole life of a lab. */
export const LOAD_BALANCER_PORTS = [15012, 15017];

/** The addresses that the load balancer's answer leads to on this machine. */
export function frontHosts(address: LabAddress): string[] {
  // Some systems resolve `localhost` to ::1 first.
  return address.type === 'ip' ? [address.value] : ['127.0.0.1', '::1'];
}

/**
 * @throws MeshplanError `lab-ports-taken` that names the holder, `lab-address-missing`.
 */
export async function assertFrontIsFree(address: LabAddress): Promise<void> {
  for (const port of LOAD_BALANCER_PORTS) {
    for (const host of frontHosts(address)) {
      const answer = await tryListen(port, host);
      if (answer instanceof Error) await explainListenError(answer, host, port);
      else await new Promise((resolve) => answer.close(resolve));
    }
  }
}

/** Listens on every address of the load balancer and leads each connection to where `resolve` says. */
export async function startFront(
  hosts: string[],
  port: number,
  resolve: () => Destination | undefined,
): Promise<Server[]> {
  const servers: Server[] = [];
  for (const host of hosts) {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      const destination = resolve();
      if (!destination) return socket.destroy();
      dial(destination).then(
        (upstream) => tunnel(socket, upstream),
        () => socket.destroy(),
      );
    });
    const error = await listen(server, host, port);
    if (error) await explainListenError(error, host, port);
    else servers.push(server);
  }
  return servers;
}

function listen(server: Server, host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port, exclusive: true }, () => resolve(undefined));
  });
}

/** Returns for a machine without IPv6, which is no failure; throws for everything else. */
async function explainListenError(error: NodeJS.ErrnoException, host: string, port: number): Promise<void> {
  const noAddress = error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT';
  if (noAddress && host === '::1') return;
  if (noAddress) {
    throw new MeshplanError('lab-address-missing', `no interface here has the address ${host}`, {
      cause: error,
      hint: `Add it first, e.g. \`ip addr add ${host}/32 dev lo\` in a network namespace of its own.`,
    });
  }
  const pid = await listenerOf(port);
  const dir = pid === undefined ? undefined : await labFolderOf(pid);
  const holder = dir ? `the lab in ${dir} (process ${pid})` : pid ? `process ${pid}` : 'another process';
  throw new MeshplanError('lab-ports-taken', `port ${port} of ${host} is taken by ${holder}`, {
    cause: error,
    hint: dir
      ? `One level-1 lab runs per network namespace. End that one with \`meshplan lab down --dir ${dir}\`.`
      : 'Istio proxies want this very port, so the lab cannot take another. End that process first.',
  });
}
