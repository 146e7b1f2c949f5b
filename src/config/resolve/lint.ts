import type { LintPolicy } from '../../model/lint.js';
import type { MeshSource } from './mesh-source.js';

/** How findings of lint rules are taken, each waiver with its place; days that no calendar has are reported. */
export function resolveLint(source: MeshSource): LintPolicy {
  const { severities = {}, waivers = [] } = source.spec.lint ?? {};
  return {
    severities,
    waivers: waivers.map((waiver, index) => {
      const expiresAt = source.at('lint', 'waivers', index, 'expires');
      if (!isDay(waiver.expires)) {
        const message = `${waiver.expires} is no day`;
        source.findings.error('bad-date', expiresAt, message, 'write the last day on which the waiver holds');
      }
      return { ...waiver, source: source.at('lint', 'waivers', index), expiresAt };
    }),
  };
}

/** Whether a calendar has the day; `Date` takes the 31st of February for the 3rd of March. */
function isDay(text: string): boolean {
  const time = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}
