import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { downloadFamily } from '../../../src/lab/binaries/download.js';
import type { Family, StepResult } from '../../../src/lab/binaries/types.js';
import { family, settings, tempDir, until, versionScript, writeProgram } from './support.js';

const ALPHA = Buffer.from(versionScript('alpha v1.2.3'));
const BETA = Buffer.from(versionScript('beta v1.2.3'));
const ARCHIVE = archiveWithBeta();

/** A family whose alpha is published as it is and whose beta comes in an archive. */
function published(changes: { alpha?: string; archive?: string; platform?: string } = {}): Family {
  const base = family({ download: { origin: 'https://releases.invalid' } });
  const [alpha, beta] = base.binaries;
  if (alpha === undefined || beta === undefined) throw new Error('the family has two binaries');
  const key = changes.platform ?? 'linux-amd64';
  return {
    ...base,
    binaries: [
      {
        ...alpha,
        release: { path: 'v1.2.3/{os}/{arch}/alpha', sha256: { [key]: changes.alpha ?? sha256(ALPHA) } },
      },
      {
        ...beta,
        release: {
          path: 'v1.2.3/beta-{os}-{arch}.tar.gz',
          member: 'beta-{os}-{arch}/beta',
          sha256: { [key]: changes.archive ?? sha256(ARCHIVE) },
        },
      },
    ],
  };
}

const serveBoth: RequestListener = (request, response) => {
  const bodies: Record<string, Buffer> = {
    '/mirror/v1.2.3/linux/amd64/alpha': ALPHA,
    '/mirror/v1.2.3/beta-linux-amd64.tar.gz': ARCHIVE,
  };
  const body = bodies[request.url ?? ''];
  response.writeHead(body === undefined ? 404 : 200, { 'content-length': body?.length ?? 0 }).end(body);
};

test('a plain binary and one in an archive arrive in the cache, ready to run', async () => {
  const { result, own, events } = await downloadFrom(serveBoth);
  assert.is(result.outcome, 'used', reasonOf(result));
  const dir = join(own.cacheDir, 'tools-1.2.3-linux-amd64');
  assert.equal(readFileSync(join(dir, 'alpha')), ALPHA);
  assert.equal(readFileSync(join(dir, 'beta')), BETA);
  assert.is(statSync(join(dir, 'beta')).mode & 0o777, 0o755);
  assert.equal(readdirSync(own.cacheDir), ['tools-1.2.3-linux-amd64']);
  assert.is(events.filter(({ type }) => type === 'progress').length, 1);
});

test('a redirect is followed', async () => {
  const { result } = await downloadFrom((request, response) => {
    if (request.url?.startsWith('/mirror/')) return serveBoth(request, response);
    response.writeHead(302, { location: request.url?.replace('/old', '/mirror') }).end();
  }, '/old');
  assert.is(result.outcome, 'used', reasonOf(result));
});

test("the credentials in a mirror's address reach the mirror and no message", async () => {
  const seen: (string | undefined)[] = [];
  const server = await listen((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(403).end();
  });
  const url = addressOf(server).replace('//', '//reader:s3cret%2F@');
  const { settings: own, events } = settings({ downloadUrl: url });
  const result = await downloadFamily(published(), own);
  await close(server);
  assert.equal(seen, [`Basic ${Buffer.from('reader:s3cret/').toString('base64')}`]);
  assert.match(reasonOf(result), /403/);
  assert.not.match(JSON.stringify([result, events]), /s3cret/);
});

test('an address that is none is a reason', async () => {
  const { settings: own } = settings({ downloadUrl: 'mirror' });
  assert.is(reasonOf(await downloadFamily(published(), own)), 'MESHPLAN_LAB_DOWNLOAD_URL is no URL');
});

test('another content than the pinned one is refused', async () => {
  const { result } = await downloadFrom(serveBoth, '/mirror', published({ alpha: '0'.repeat(64) }));
  assert.match(reasonOf(result), `wrong checksum: SHA-256 is ${sha256(ALPHA)}, pinned is ${'0'.repeat(64)}`);
});

test('an archive is not unpacked before its checksum is right', async () => {
  const { result } = await downloadFrom(serveBoth, '/mirror', published({ archive: '1'.repeat(64) }));
  assert.match(reasonOf(result), /beta-linux-amd64\.tar\.gz: wrong checksum/);
});

test('a file that is not there is a reason with its address', async () => {
  const { result } = await downloadFrom((_, response) => response.writeHead(404).end('no'));
  assert.match(reasonOf(result), /v1\.2\.3\/linux\/amd64\/alpha: the server answered 404 Not Found$/);
});

test('a body that ends early is a reason with the bytes received', async () => {
  const { result } = await downloadFrom((_, response) => {
    response.writeHead(200, { 'content-length': ALPHA.length });
    response.write(ALPHA.subarray(0, 10), () => response.destroy());
  });
  assert.match(reasonOf(result), new RegExp(`broke off after \\d+ of ${ALPHA.length} bytes`));
});

test('a refused connection is a reason', async () => {
  const server = await listen(serveBoth);
  const url = addressOf(server);
  await close(server);
  const { settings: own } = settings({ downloadUrl: url });
  assert.match(reasonOf(await downloadFamily(published(), own)), /ECONNREFUSED/);
});

test('a file that cannot run here is a reason, whatever its checksum', async () => {
  const other = Buffer.from(versionScript('alpha v9.9.9'));
  const { result } = await downloadFrom(
    (_, response) => response.end(other),
    '/mirror',
    published({ alpha: sha256(other) }),
  );
  assert.match(reasonOf(result), /alpha is 9\.9\.9, not 1\.2\.3/);
});

test('an archive without the binary is a reason', async () => {
  const { result } = await downloadFrom(
    (request, response) => response.end(request.url?.endsWith('alpha') ? ALPHA : BETA),
    '/mirror',
    published({ archive: sha256(BETA) }),
  );
  assert.match(reasonOf(result), /tar/);
});

test('a platform without a pinned checksum asks no server', async () => {
  const { result } = await downloadFrom(
    () => assert.unreachable(),
    '/mirror',
    published({ platform: 'linux-arm64' }),
  );
  assert.is(reasonOf(result), 'no pinned checksum for alpha 1.2.3 on linux-amd64');
});

test('a family without releases says so', async () => {
  const { settings: own } = settings();
  assert.is(reasonOf(await downloadFamily(family(), own)), 'tools publishes no releases');
});

test('an abort ends the transfer and leaves nothing', async () => {
  const abort = new AbortController();
  let asked = false;
  const server = await listen((_, response) => {
    asked = true;
    response.writeHead(200).write('#!');
  });
  const { settings: own } = settings({ downloadUrl: addressOf(server), signal: abort.signal });
  const running = downloadFamily(published(), own).then(
    () => 'resolved',
    (error: Error) => error.name,
  );
  await until(() => asked, 'the request');
  abort.abort();
  assert.is(await running, 'AbortError');
  assert.equal(readdirSync(own.cacheDir), []);
  server.closeAllConnections();
  await close(server);
});

async function downloadFrom(listener: RequestListener, path = '/mirror', rows = published()) {
  const server = await listen(listener);
  const { settings: own, events } = settings({ downloadUrl: `${addressOf(server)}${path}/` });
  const result = await downloadFamily(rows, own);
  if (result.outcome !== 'used') assert.equal(leftIn(own.cacheDir), [], 'nothing is left in the cache');
  await close(server);
  return { result, own, events };
}

function leftIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}

function reasonOf(result: StepResult): string {
  return result.outcome === 'used' ? 'used' : result.reason;
}

function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function close(server: Server): Promise<unknown> {
  server.closeIdleConnections();
  return new Promise((resolve) => server.close(resolve));
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

function archiveWithBeta(): Buffer {
  const dir = tempDir();
  writeProgram(join(dir, 'beta-linux-amd64'), 'beta', BETA.toString());
  writeProgram(join(dir, 'beta-linux-amd64'), 'README', 'not wanted');
  execFileSync('tar', ['-czf', join(dir, 'beta.tar.gz'), '-C', dir, 'beta-linux-amd64']);
  return readFileSync(join(dir, 'beta.tar.gz'));
}

test.run();
