import { remoteSecretName } from '../model/names.js';
import type { Place, Proven } from './report.js';

/** Makes texts of one cluster comparable with those of another: names of places become what they are for it. */
export type Rename = (text: string) => string;

/** Between these a placeholder stands; no text of an object holds them (Unicode, private use). */
const [OPEN, CLOSE] = ['\u{E000}', '\u{E001}'];

/** As `us-east-1` holds no cluster `east`, a name ends only where no letter, digit, `-` or `_` goes on. */
const bounded = (name: string) => `(?<![\\w-])${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`;

/** Placeholders in a row, as in `cluster=~"a|b"`: how many there are, and in which order, is of the place too. */
const ROW = new RegExp(`${OPEN}[^${CLOSE}]*${CLOSE}(?:[|,] ?${OPEN}[^${CLOSE}]*${CLOSE})+`, 'g');

/** Names of clusters, networks, regions and zones, and the mesh ID, as seen from one cluster. */
export function renameFor({ mesh, clusters }: Pick<Proven, 'mesh' | 'clusters'>, cluster: Place): Rename {
  const names = namesSeenFrom(cluster, clusters);
  if (!names.has(mesh)) names.set(mesh, 'mesh');
  const longestFirst = [...names.keys()].sort((one, other) => other.length - one.length);
  const pattern = new RegExp(longestFirst.map(bounded).join('|'), 'g');
  return (text) =>
    text
      .replace(pattern, (name) => `${OPEN}${names.get(name)}${CLOSE}`)
      .replace(ROW, (row) => [...new Set(row.split(/[|,] ?/))].sort().join(','));
}

/** The nearest meaning of each name, for one name may mean a cluster and a region. */
function namesSeenFrom(cluster: Place, all: readonly Place[]): Map<string, string> {
  const names = new Map<string, string>();
  const note = (name: string | undefined, what: string) => {
    if (name !== undefined && !names.has(name)) names.set(name, what);
  };
  const byNearness = [
    cluster,
    ...all.filter(({ name }) => name === cluster.primary),
    ...all.filter(({ primary }) => primary === cluster.name),
    ...all,
  ];
  for (const other of byNearness) {
    const whose = relation(cluster, other);
    note(other.name, `cluster ${whose}`);
    note(remoteSecretName(other.name), `remote secret ${whose}`);
  }
  for (const other of byNearness) {
    const whose = relation(cluster, other);
    note(other.network, `network ${whose}`);
    note(other.locality?.region, `region ${whose}`);
    note(other.locality?.zone, `zone ${whose}`);
  }
  return names;
}

function relation(cluster: Place, other: Place): string {
  if (other.name === cluster.name) return 'own';
  if (other.name === cluster.primary) return 'of the primary';
  return other.primary === cluster.name ? 'of a remote' : 'of another';
}
