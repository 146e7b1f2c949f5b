import type { WaivedFinding } from '../../model/lint.js';

/** How many findings waivers keep back, and each of them where every detail is wanted. */
export function waivedLines(waived: readonly WaivedFinding[] | undefined, isVerbose: boolean): string[] {
  if (!waived?.length) return [];
  const count = `${waived.length} ${waived.length === 1 ? 'finding' : 'findings'}`;
  const details = isVerbose ? waived.map((item) => `    ${waivedText(item)}`) : [];
  return [`Waived by spec.lint.waivers: ${count}.`, ...details];
}

function waivedText({ code, subject, waiver, file, line, column }: WaivedFinding): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return `${place} ${code} ${subject}: until ${waiver.expires}, ${waiver.reason}`;
}
