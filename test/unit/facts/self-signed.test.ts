import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { selfSignedFindings } from '../../../src/facts/self-signed.js';
import type { TrustPort } from '../../../src/facts/trust.js';
import type { Facts } from '../../../src/model/facts.js';
import { clusterOf, meshOf } from '../compile/support.js';

const mesh = meshOf([clusterOf('one', 'one'), clusterOf('two', 'one')]);
const port: TrustPort = {
  localRoot: async () => undefined,
  fingerprint: (pem) => {
    if (pem === 'broken') throw new Error('no certificate');
    return `fingerprint of ${pem}`;
  },
  check: () => ({ ok: true, problems: [] }),
};
const rootOf = (pem: string): Facts['root'] => ({
  certPem: pem,
  fingerprint: port.fingerprint(pem),
  keyAvailable: true,
});

const test = suite("a root of istiod's own making");

const table: [title: string, root: Facts['root'], certPem: string | undefined, refused: boolean][] = [
  ['none', undefined, undefined, false],
  ['and no root of the mesh yet', undefined, 'own', true],
  ['and another root of the mesh', rootOf('other'), 'own', true],
  ['which is the root of the mesh', rootOf('own'), 'own', false],
  ['that cannot be read', rootOf('own'), 'broken', true],
];
for (const [title, root, certPem, refused] of table) {
  test(`${title}: ${refused ? 'refused' : 'goes on'}`, () => {
    const findings = selfSignedFindings(mesh, root, new Map([['one', certPem]]), port);
    assert.equal(
      findings.map(({ severity, code }) => `${severity} ${code}`),
      refused ? ['error self-signed-root'] : [],
    );
  });
}

test('the hint names the context and the way to keep the root; with source secret there is nothing to say', () => {
  const [finding] = selfSignedFindings(mesh, undefined, new Map([['one', 'own']]), port);
  assert.match(finding?.message ?? '', 'mtls-risk');
  for (const part of ['--context one', 'ca-cert\\.pem', 'source: files', 'source: secret'])
    assert.ok(finding?.hint?.includes(part), part);
  const secret = { ...mesh, trust: { ...mesh.trust, source: 'secret' as const } };
  assert.equal(selfSignedFindings(secret, undefined, new Map([['one', 'own']]), port), []);
});

test.run();
