import type { MeshFile } from '../../model/mesh.js';
import type { ResolvedTrust } from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import type { MeshSource } from './mesh-source.js';
import { userPath } from './user-path.js';

type Ca = NonNullable<NonNullable<MeshFile['spec']['trust']>['ca']>;

/** The trust settings with defaults, absolute paths and whole days. */
export function resolveTrust(source: MeshSource): ResolvedTrust {
  const { trust } = source.spec;
  const ca = trust?.ca ?? {};
  const root = ca.root ?? {};
  const { folder } = source;
  checkSource(source, ca);
  const intermediates = resolveIntermediates(source, ca);
  const rootDays = days(source, root.validity ?? defaults.rootValidity, 'root', 'validity');
  if (intermediates.validityDays > rootDays) {
    const place = source.at('trust', 'ca', 'intermediates', 'validity');
    const message = `intermediates valid for ${intermediates.validityDays} days outlive their root (${rootDays} days)`;
    source.findings.error('bad-validity', place, message, 'make the root valid for longer');
  }
  return {
    domain: trust?.domain ?? defaults.trustDomain,
    source: ca.source ?? defaults.caSource,
    root: {
      ...(root.keyFile === undefined ? {} : { keyFile: userPath(folder, root.keyFile) }),
      ...(root.certFile === undefined ? {} : { certFile: userPath(folder, root.certFile) }),
      organization: root.organization ?? defaults.organization,
      validityDays: rootDays,
      keyBits: root.keyBits ?? defaults.keyBits,
    },
    intermediates,
    remoteKeys: ca.remoteKeys ?? defaults.remoteKeys,
  };
}

function checkSource(source: MeshSource, ca: Ca): void {
  const { findings } = source;
  if (ca.source === 'files') {
    for (const key of ['keyFile', 'certFile'] as const) {
      if (ca.root?.[key] !== undefined) continue;
      const message = `\`source: files\` needs \`root.${key}\``;
      findings.error(
        'ca-file-missing',
        source.at('trust', 'ca', 'root'),
        message,
        'name the PEM files of your root',
      );
    }
  }
  if (ca.source === 'secret') {
    for (const key of ['root', 'intermediates'] as const) {
      if (ca[key] === undefined) continue;
      const message = `\`source: secret\` makes no certificates, so \`${key}\` has no effect`;
      const finding = { subject: `spec.trust.ca.${key}`, message, hint: 'take it out' };
      findings.lint('unused-setting', source.keyAt('trust', 'ca', key), finding);
    }
  }
}

function resolveIntermediates(source: MeshSource, ca: Ca): ResolvedTrust['intermediates'] {
  const { validity, renewBefore } = ca.intermediates ?? {};
  const validityDays = days(source, validity ?? defaults.intermediateValidity, 'intermediates', 'validity');
  const renewBeforeDays = days(source, renewBefore ?? defaults.renewBefore, 'intermediates', 'renewBefore');
  if (renewBeforeDays >= validityDays) {
    const place = source.at(
      'trust',
      'ca',
      'intermediates',
      renewBefore === undefined ? 'validity' : 'renewBefore',
    );
    const message = `an intermediate valid for ${validityDays} days would always be within its last ${renewBeforeDays}`;
    source.findings.error('bad-validity', place, message, 'make `renewBefore` shorter than `validity`');
  }
  return { validityDays, renewBeforeDays };
}

/** The longest that fits: X.509 dates end with the year 9999, and nobody needs more than a century. */
const maxDays = 36_500;

/** A time span such as `730d` or `8760h` in days; NaN, which compares with nothing, after a finding. */
function days(source: MeshSource, span: string, ...path: string[]): number {
  const amount = Number(span.slice(0, -1)) / (span.endsWith('h') ? 24 : 1);
  const place = source.at('trust', 'ca', ...path);
  if (!Number.isInteger(amount)) {
    source.findings.error(
      'bad-validity',
      place,
      `${span} is no whole number of days`,
      'use a multiple of 24h',
    );
  } else if (amount > maxDays) {
    source.findings.error(
      'bad-validity',
      place,
      `${span} is more than a hundred years`,
      `at most ${maxDays}d`,
    );
  } else {
    return amount;
  }
  return Number.NaN;
}
