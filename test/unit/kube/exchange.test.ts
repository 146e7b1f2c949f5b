import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UnreachableError } from '../../../src/errors/index.js';
import { connect } from '../../../src/kube/http.js';

const test = suite('answers of a server');

const listen = (server: Server | TcpServer): Promise<string> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    ),
  );

/** Each connection gets the next of these texts, raw, and is closed; the last one for ever. */
async function withRaw<T>(texts: string[], use: (server: string) => Promise<T>): Promise<T> {
  let count = 0;
  const server = createTcpServer((socket) => {
    socket.once('data', () => {
      socket.end(texts[Math.min(count, texts.length - 1)] ?? '');
      count += 1;
    });
    socket.on('error', () => undefined);
  });
  try {
    return await use(await listen(server));
  } finally {
    server.close();
  }
}

const WHOLE = '{"kind":"Pod"}';
const http = (head: string, body: string) =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${head}\r\n${body}`;
const GOOD = http(`Content-Length: ${WHOLE.length}\r\nConnection: close\r\n`, WHOLE);

const halves: [string, string][] = [
  ['shorter than it says', http(`Content-Length: ${WHOLE.length}\r\n`, '{"kind":')],
  ['half of a chunk', http('Transfer-Encoding: chunked\r\n', 'ff\r\n{"kind":')],
  ['without a length', http('Connection: close\r\n', '{"kind":')],
  ['nothing at all', ''],
];
for (const [title, half] of halves) {
  test(`a half answer, ${title}, is asked for again`, () =>
    withRaw([half, half, GOOD], async (server) => {
      const cluster = connect({ name: 'one', server });
      assert.equal((await cluster.request('/')).body, { kind: 'Pod' });
      assert.equal(cluster.stats(), { requests: 3, retries: 2, connections: 3 });
      cluster.close();
    }));
}

test('a half answer to a write that may not be repeated is an error, never half an object', () =>
  withRaw([halves[0]?.[1] ?? '', GOOD], async (server) => {
    const cluster = connect({ name: 'one', server });
    const error = await cluster.request('/', { method: 'POST', body: {} }).catch((reason) => reason);
    assert.instance(error, UnreachableError);
    assert.match(error.message, /one: the API server does not answer: /);
    cluster.close();
  }));

test('a server that never answers is given up after twice the time limit', async () => {
  const server = createServer(() => undefined);
  const cluster = connect({ name: 'one', server: await listen(server) });
  const begun = performance.now();
  const error = await cluster.request('/', { timeoutMs: 150 }).catch((reason) => reason);
  assert.match(error.message, 'no whole answer within 150 ms');
  assert.ok(performance.now() - begun < 2_000);
  cluster.close();
  server.closeAllConnections();
  server.close();
});

test('credentials are asked for once, and once more when a server does not take them', async () => {
  const seen: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(request.headers.authorization === 'Bearer new' ? 200 : 401, {
      'content-type': 'application/json',
    });
    response.end('{}');
  });
  let token = 'old';
  const credentials = {
    get: async () => ({ token }),
    renew: async () => {
      token = 'new';
      return { token };
    },
  };
  const cluster = connect({ name: 'one', server: await listen(server), credentials });
  assert.is((await cluster.request('/')).status, 200);
  assert.equal(seen, ['Bearer old', 'Bearer new']);
  cluster.close();
  server.close();
});

test.run();
