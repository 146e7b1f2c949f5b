import { suggestion } from '../../match/nearest.js';
import type { SourceRange } from '../../model/diagnostic.js';
import type { MeshSource } from './mesh-source.js';

/** Reports a subset, named in the rules of `index`, that no rule of `spec.traffic` declares for its host. */
export function checkSubsetName(
  source: MeshSource,
  index: number,
  { host, subset, place }: { host: string; subset: string; place: SourceRange },
): void {
  const owner = (source.spec.traffic ?? []).findIndex((rule) => rule.host === host);
  // Where the subsets have faults, they are told already.
  if (owner >= 0 && source.dropped('traffic', owner).includes('subsets')) return;
  const dropped = owner >= 0 ? source.dropped('traffic', owner, 'subsets') : [];
  const declared = [...Object.keys(source.spec.traffic?.[owner]?.subsets ?? {}), ...dropped];
  if (declared.includes(subset)) return;
  const where = owner === index ? '`subsets`' : `\`subsets\` of \`${host}\``;
  const hint = declared.length > 0 ? suggestion(subset, declared) : `declare it in ${where}`;
  const message = `${owner < 0 ? `no rule of \`${host}\` declares` : `${where} does not declare`} \`${subset}\``;
  source.findings.lint('unknown-subset', place, { subject: `${host}/${subset}`, message, hint });
}
