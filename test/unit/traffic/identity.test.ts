import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseForwardedCert } from '../../../src/traffic/identity.js';

const test = suite('the certificate that a server was shown');

const BY = 'spiffe://cluster.local/ns/t/sa/server';
const URI = 'spiffe://cluster.local/ns/t/sa/client';

test('both ends, as Istio’s proxy tells them', () => {
  assert.equal(parseForwardedCert(`By=${BY};Hash=0a1b;Subject="";URI=${URI}`), { by: BY, uri: URI });
});

test('of several hops the last, which was added by the server’s own proxy', () => {
  const header = `By=x;Hash=1;Subject="CN=a,O=b";URI=spiffe://other,By=${BY};Hash=2;Subject="";URI=${URI}`;
  assert.equal(parseForwardedCert(header), { by: BY, uri: URI });
});

test('no certificate, no identity', () => {
  assert.is(parseForwardedCert(''), undefined);
  assert.is(parseForwardedCert('Hash=1'), undefined);
});

test.run();
