import { reduced } from '../../../graph/reduce.js';
import { type DesiredAction, MESH_WIDE } from '../../../model/action.js';
import type { Change, Plan, PlannedAction } from '../../../model/plan.js';
import { isLeftOut } from '../../../plan/select.js';
import { SIGNS } from '../plan-text.js';

/** How a node looks: by its change, or that it has one which is not selected, or none was asked for. */
export type Look = Change | 'not-selected' | 'declared';

export interface GraphNode {
  id: string;
  look: Look;
  /** What stands in it, top to bottom. */
  lines: string[];
}

/** A graph as every format shows it. */
export interface GraphView {
  title: string;
  /** Boxes, one for each cluster, in the order of mesh.yaml. */
  groups: { name: string; nodes: GraphNode[] }[];
  /** What belongs to no cluster. */
  outside: GraphNode[];
  /** From what comes first to what comes after. */
  edges: [from: string, to: string][];
  /** The looks that need an explanation, in the order of the plan's changes. */
  legend: { look: Look; text: string }[];
}

const LEGEND: [look: Look, text: string][] = [
  ['create', 'create'],
  ['update', 'update'],
  ['replace', 'replace'],
  ['delete', 'delete'],
  ['unknown', 'not known yet'],
  ['blocked', 'blocked'],
  ['noop', 'no change'],
  ['not-selected', 'not selected'],
];

/** The actions of a plan with what each would change. */
export function planView(plan: Plan): GraphView {
  const what = plan.mode === 'destroy' ? 'removal of' : 'plan of';
  return viewOf(
    `${what} mesh ${plan.mesh}`,
    plan.clusters.map(({ name }) => name),
    plan.actions,
    (action) => nodeOf(action as PlannedAction),
  );
}

/** What mesh.yaml declares, whatever the clusters hold. */
export function declaredView(
  mesh: { name: string; clusters: readonly { name: string }[] },
  actions: readonly DesiredAction[],
): GraphView {
  return viewOf(
    `mesh ${mesh.name}`,
    mesh.clusters.map(({ name }) => name),
    actions,
    ({ id, cluster }) => ({ id, look: 'declared', lines: [shortName(id, cluster)] }),
  );
}

type Drawn = Pick<DesiredAction, 'id' | 'cluster' | 'after'>;

function viewOf(
  title: string,
  clusters: readonly string[],
  actions: readonly Drawn[],
  draw: (action: Drawn) => GraphNode,
): GraphView {
  const nodesOf = (cluster: string) => actions.filter((action) => action.cluster === cluster).map(draw);
  const groups = clusters.map((name) => ({ name, nodes: nodesOf(name) }));
  const outside = nodesOf(MESH_WIDE);
  const looks = new Set([...outside, ...groups.flatMap(({ nodes }) => nodes)].map(({ look }) => look));
  return {
    title,
    groups: groups.filter(({ nodes }) => nodes.length > 0),
    outside,
    edges: reduced(actions).flatMap(({ id, after }) =>
      after.map((earlier): [string, string] => [earlier, id]),
    ),
    legend: LEGEND.filter(([look]) => looks.has(look)).map(([look, text]) => ({
      look,
      text: [signOf(look), text].filter(Boolean).join(' '),
    })),
  };
}

function nodeOf(action: PlannedAction): GraphNode {
  const look = isLeftOut(action) ? 'not-selected' : action.change;
  const name = shortName(action.id, action.cluster);
  const changed = action.objects.filter((object) => object.change !== 'noop').length;
  const details = [
    ...(changed > 0 ? [`${changed} ${changed === 1 ? 'object' : 'objects'}`] : []),
    ...(action.impact === 'none' ? [] : [action.impact]),
  ];
  const lines = [[signOf(look), name].filter(Boolean).join(' ')];
  if (details.length > 0) lines.push(details.join(', '));
  return { id: action.id, look, lines };
}

/** The sign of the plan, so that nobody depends on colour. */
const signOf = (look: Look): string =>
  look === 'declared' || look === 'not-selected' ? '' : SIGNS[look].trim();

/** The box says which cluster it is. */
const shortName = (id: string, cluster: string): string =>
  id.startsWith(`${cluster}/`) ? id.slice(cluster.length + 1) : id;
