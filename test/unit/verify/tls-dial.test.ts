import https from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { dialTls, getStatus, isUnreachable, type TlsTarget } from '../../../src/verify/tls-dial.js';
import { makeCertificate, type TestCertificate } from './support.js';

const NAME = 'istiod.istio-system.svc';
const root = makeCertificate({ commonName: 'Root', isCa: true });
const good = makeCertificate({ commonName: 'istiod', dnsNames: [NAME], issuer: root });

/** Serves /ready with the certificate while `use` runs. */
async function whileServing(leaf: TestCertificate, use: (target: TlsTarget) => Promise<void>): Promise<void> {
  const server = https.createServer({ cert: leaf.certPem, key: leaf.keyPem }, (request, response) => {
    response.writeHead(request.url === '/ready' ? 200 : 404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await use({ host: '127.0.0.1', port, servername: NAME, ca: root.certPem, alpn: 'http/1.1' });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const dial = suite('dialTls');

dial('a certificate of the root with the right name verifies', async () => {
  await whileServing(good, async (target) => {
    const { certificate, refusal } = await dialTls(target);
    assert.is(refusal, undefined);
    assert.is(certificate.subjectAltName, `DNS:${NAME}`);
    assert.is(await getStatus(target, '/ready'), 200);
    assert.is(await getStatus(target, '/other'), 404);
  });
});

dial('a certificate of another root is shown, with the reason why it does not verify', async () => {
  const stranger = makeCertificate({ commonName: 'istiod', dnsNames: [NAME] });
  await whileServing(stranger, async (target) => {
    const { certificate, refusal } = await dialTls(target);
    assert.is(certificate.subject, 'CN=istiod');
    assert.match(refusal ?? '', 'SELF_SIGNED');
    const error = await getStatus(target, '/ready').catch((thrown: unknown) => thrown);
    assert.not.ok(isUnreachable(error));
  });
});

dial('a certificate for another name does not verify', async () => {
  const other = makeCertificate({ commonName: 'other', dnsNames: ['other.example.com'], issuer: root });
  await whileServing(other, async (target) => {
    assert.is((await dialTls(target)).refusal, 'ERR_TLS_CERT_ALTNAME_INVALID');
  });
});

dial('a port where nothing listens is unreachable', async () => {
  let closed: TlsTarget | undefined;
  await whileServing(good, async (target) => {
    closed = target;
  });
  assert.ok(closed);
  const error = await dialTls(closed).catch((thrown: unknown) => thrown);
  assert.ok(isUnreachable(error));
});

dial('a server that hangs up without TLS is not taken for an unreachable one', async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const target = { host: '127.0.0.1', port, servername: NAME, ca: root.certPem, alpn: 'h2' } as const;
  const error = await dialTls(target).catch((thrown: unknown) => thrown);
  server.close();
  assert.instance(error, Error);
  assert.not.ok(isUnreachable(error));
});

dial('an abort ends the handshake', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const target = { host: '127.0.0.1', port, servername: NAME, ca: root.certPem, alpn: 'h2' } as const;
  const started = performance.now();
  const error = await dialTls({ ...target, signal: AbortSignal.timeout(50) }).catch((thrown) => thrown);
  server.close();
  assert.instance(error, Error);
  assert.ok(performance.now() - started < 2_000);
});

dial.run();
