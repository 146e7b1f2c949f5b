import type { MeshSource } from './mesh-source.js';

/** Reports each item of `spec.LIST` whose `key` an earlier item has too. */
export function checkDuplicates(source: MeshSource, list: string, key: string): void {
  const names = source.namesIn(list, key);
  for (const item of names) {
    const first = names.find((other) => other.name === item.name);
    if (first === undefined || first === item) continue;
    const message = `the ${key} \`${item.name}\` stands twice in ${list}`;
    const hint = `the first is in ${first.at.file}:${first.at.line}`;
    source.findings.error('duplicate-name', item.at, message, hint);
  }
}
