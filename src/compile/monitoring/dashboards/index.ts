import { createHash } from 'node:crypto';
import type { ResolvedMesh } from '../../../model/resolved-mesh.js';
import { controlPlaneRows } from './control-plane.js';
import { type Choice, dashboardJson, type Row } from './grafana.js';
import { meshRows } from './mesh.js';
import { trafficRows } from './traffic.js';

/** A dashboard as Grafana's JSON model, and the name of its file. */
export interface DashboardFile {
  name: string;
  json: Record<string, unknown>;
}

interface Kind {
  name: string;
  title: string;
  description: string;
  choices: Choice[];
  rows: Row[];
}

/** The dashboards of one primary, whose istiod has to know `remotes`. */
export function dashboards(
  mesh: ResolvedMesh,
  primary: string | undefined,
  remotes: string[],
): DashboardFile[] {
  const all = mesh.clusters.map(({ name }) => name).sort();
  const own = all.filter((name) => name === primary || remotes.includes(name));
  const kinds = [
    {
      name: 'mesh',
      title: 'clusters',
      description: 'What istiod knows of each cluster, and what each sends and receives.',
      choices: [choice('cluster', 'Cluster', own)],
      rows: meshRows(mesh, remotes),
    },
    {
      name: 'control-plane',
      title: 'control plane',
      description: 'What istiod uses and does, and what goes wrong there.',
      choices: [],
      rows: controlPlaneRows(),
    },
    {
      name: 'traffic',
      title: 'traffic between clusters',
      description: 'Requests from cluster to cluster, as the proxies at both ends count them.',
      choices: [choice('source', 'From cluster', all), choice('destination', 'To cluster', all)],
      rows: trafficRows(),
    },
  ];
  return kinds.map((kind) => ({ name: kind.name, json: jsonOf(mesh, primary, kind) }));
}

const choice = (name: string, label: string, values: string[]): Choice => ({ name, label, values });

function jsonOf(mesh: ResolvedMesh, primary: string | undefined, kind: Kind): Record<string, unknown> {
  const isOneOfSeveral = mesh.clusters.filter(({ role }) => role === 'primary').length > 1;
  const of = isOneOfSeveral ? ` (${primary})` : '';
  return dashboardJson({
    ...kind,
    uid: uidOf(kind.name, mesh.name, primary),
    title: `Mesh ${mesh.name}: ${kind.title}${of}`,
    tags: ['istio', 'meshplan', mesh.name],
  });
}

/** Longest identifier that Grafana takes for a dashboard. */
const UID_LENGTH = 40;

/**
 * The same for good, and of this mesh and primary alone: links and bookmarks hold it. The names are DNS labels, so
 * `_` parts them. What is too long ends in a digest of the whole.
 */
function uidOf(kind: string, mesh: string, primary = ''): string {
  const whole = `meshplan-${kind}-${mesh}_${primary}`;
  if (whole.length <= UID_LENGTH) return whole;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${whole.slice(0, UID_LENGTH - 1 - digest.length)}_${digest}`;
}
