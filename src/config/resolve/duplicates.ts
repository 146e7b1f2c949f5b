import type { Path } from '../yaml/source-node.js';
import type { MeshSource } from './mesh-source.js';

/** Reports each item of the list at `path` whose `key` an earlier item has too. */
export function checkDuplicates(source: MeshSource, path: Path, key: string, names: string[]): void {
  names.forEach((name, index) => {
    const first = names.indexOf(name);
    if (first === index) return;
    const { line } = source.at(...path, first, key);
    const message = `the ${key} \`${name}\` stands twice in ${path.join('.')}`;
    source.findings.error(
      'duplicate-name',
      source.at(...path, index, key),
      message,
      `the first is in line ${line}`,
    );
  });
}
