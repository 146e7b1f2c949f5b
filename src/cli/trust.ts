import { join } from 'node:path';
import type { CertificateIssuer } from '../engine/context.js';
import { ExitCode, MeshplanError } from '../errors/index.js';
import type { TrustPort } from '../facts/trust.js';
import { caFolderOf } from '../model/names.js';
import type { ResolvedMesh } from '../model/resolved-mesh.js';
import {
  checkCacerts,
  generateRoot,
  inspectCertificate,
  issueIntermediate,
  openCaStore,
  splitPem,
} from '../pki/index.js';

/** As in the CA that istiod makes for itself; an intermediate lives two years and is renewed. */
const INTERMEDIATE_KEY_BITS = 2048;

/** The PKI adapter as the stages see it. Only who issues needs the root's key, and opens it. */
export function openTrust(mesh: ResolvedMesh, folder: string): TrustPort & CertificateIssuer {
  const { root, intermediates, source } = mesh.trust;
  const open = () => {
    const override = {
      ...(root.keyFile ? { keyFile: root.keyFile } : {}),
      ...(root.certFile ? { certFile: root.certFile } : {}),
    };
    return openCaStore(join(folder, caFolderOf(mesh)), override);
  };
  return {
    async localRoot() {
      const found = await open().look();
      // A user's file may go on with the certificates above; the last is the root.
      return found && { ...found, certPem: splitPem(found.certPem).at(-1) ?? found.certPem };
    },
    fingerprint: (pem) => inspectCertificate(pem).fingerprint,
    check: (cacerts) =>
      checkCacerts(cacerts, { now: new Date(), renewBeforeDays: intermediates.renewBeforeDays }),
    fingerprintsIn: (bundle) => splitPem(bundle).map((pem) => inspectCertificate(pem).fingerprint),
    async createRoot() {
      if (source === 'files') throw rootFilesMissing(open().keyFile);
      const { organization, validityDays, keyBits } = root;
      const made = await generateRoot({
        organization,
        commonName: `Root CA of ${mesh.name}`,
        validityDays,
        keyBits,
      });
      await open().write(made);
      return { certPem: made.certPem, ...inspectCertificate(made.certPem) };
    },
    async issueIntermediate(cluster) {
      const found = await open().read();
      if (!found && source === 'files') throw rootFilesMissing(open().keyFile);
      if (!found?.keyPem) throw keyMissing(cluster, caFolderOf(mesh));
      const cacerts = await issueIntermediate({
        root: { certPem: found.certPem, keyPem: found.keyPem },
        cluster,
        organization: root.organization,
        validityDays: intermediates.validityDays,
        keyBits: INTERMEDIATE_KEY_BITS,
      });
      return { cacerts, ...inspectCertificate(cacerts['ca-cert.pem']) };
    },
  };
}

function rootFilesMissing(keyFile: string): MeshplanError {
  return new MeshplanError('ca-key-missing', `trust.ca.source is files, but there is no root at ${keyFile}`, {
    hint: 'Name the root in trust.ca.root.keyFile and certFile.',
    exitCode: ExitCode.invalid,
  });
}

function keyMissing(cluster: string, caFolder: string): MeshplanError {
  return new MeshplanError(
    'ca-key-missing',
    `cluster ${cluster} needs an intermediate, but the root key is not here`,
    {
      hint: `Put root-key.pem into ${caFolder}/.`,
      exitCode: ExitCode.invalid,
    },
  );
}
