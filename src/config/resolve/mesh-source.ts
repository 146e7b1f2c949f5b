import type { SourceRange } from '../../model/diagnostic.js';
import type { MeshFile } from '../../model/mesh.js';
import type { Findings } from '../findings.js';
import type { ValidMesh } from '../schema/validate.js';
import { keyPlaceOf, nodeAt, type Path, placeOf, type SourceNode, textAt } from '../yaml/source-node.js';

/** A cluster as far as it can be told, also where its declaration has faults. */
interface NamedCluster {
  name: string;
  role: string | undefined;
}

/** What every check of meaning reads: the valid part of the mesh file, its places, and the names in all of it. */
export class MeshSource {
  readonly spec: MeshFile['spec'];
  readonly name: string;
  /** All clusters with a name, those with faults too: a name is not unknown because its cluster is faulty. */
  readonly namedClusters: NamedCluster[];
  readonly #tree: SourceNode;
  readonly #whole: SourceNode;

  constructor(
    valid: ValidMesh,
    whole: SourceNode,
    /** Absolute path of the folder of mesh.yaml. */
    readonly folder: string,
    /** The folder of mesh.yaml as the user named it; what findings show. */
    readonly shownFolder: string,
    readonly findings: Findings,
  ) {
    this.spec = valid.file.spec;
    this.name = valid.file.metadata.name;
    this.#tree = valid.tree;
    this.#whole = whole;
    this.namedClusters = namedClusters(whole);
  }

  /** The value at `path` below `spec` with the places of its parts, if there is one. */
  node(...path: Path): SourceNode | undefined {
    return nodeAt(this.#tree, ['spec', ...path]);
  }

  /** The place of the value at `path` below `spec`, or of the nearest value around it. */
  at(...path: Path): SourceRange {
    return placeOf(this.#tree, ['spec', ...path]);
  }

  /** The place of the key at `path` below `spec`. */
  keyAt(...path: Path): SourceRange {
    return keyPlaceOf(this.#tree, ['spec', ...path]);
  }

  /** Keys of the map at `path` below `spec` that were taken out for faults: there, but not to be judged. */
  dropped(...path: Path): string[] {
    const node = this.node(...path);
    return (node?.kind === 'map' && node.dropped) || [];
  }

  /** Whether a cluster is missing in `spec`, or a part of one, because of a fault. */
  get hasFaultyClusters(): boolean {
    const { clusters } = this.spec;
    if (clusters.length < this.namedClusters.length) return true;
    return clusters.some((_, index) =>
      [[], ['locality'], ['labels']].some((part) => this.dropped('clusters', index, ...part).length > 0),
    );
  }

  /** Whether a workload is missing in `spec`, or what it brings or where, because of a fault. */
  get hasFaultyWorkloads(): boolean {
    const { workloads = [] } = this.spec;
    const all = nodeAt(this.#whole, ['spec', 'workloads']);
    if (all !== undefined && (all.kind !== 'list' || workloads.length < all.items.length)) return true;
    return workloads.some((_, index) => this.dropped('workloads', index).length > 0);
  }

  /** The texts under `key` in the items of the list at `spec.LIST`, faulty items included. */
  namesIn(list: string, key: string): { name: string; at: SourceRange }[] {
    const node = nodeAt(this.#whole, ['spec', list]);
    if (node?.kind !== 'list') return [];
    return node.items.flatMap((item) => {
      const name = textAt(item, [key]);
      return name === undefined ? [] : [{ name, at: placeOf(item, [key]) }];
    });
  }
}

function namedClusters(whole: SourceNode): NamedCluster[] {
  const list = nodeAt(whole, ['spec', 'clusters']);
  if (list?.kind !== 'list') return [];
  return list.items.flatMap((item) => {
    const name = textAt(item, ['name']);
    return name === undefined ? [] : [{ name, role: textAt(item, ['role']) }];
  });
}
