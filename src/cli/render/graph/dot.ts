import { COLOURS } from './colours.js';
import type { GraphNode, GraphView, Look } from './view.js';

/** The graph in the language of Graphviz. The background is white, so that it reads on any page. */
export function graphToDot({ title, groups, outside, edges, legend }: GraphView): string {
  const lines = [
    `digraph ${quoted(title)} {`,
    `  graph [label=${quoted(title)}, labelloc=t, labeljust=l, fontsize=18, rankdir=LR, newrank=true, bgcolor=white, pad=0.3, nodesep=0.2, ranksep=0.4, fontname="Helvetica,Arial,sans-serif"];`,
    '  node [shape=box, style="rounded,filled", fontsize=12, fontcolor=black, fontname="Helvetica,Arial,sans-serif", margin="0.2,0.07", height=0.35];',
    '  edge [color="#555555", arrowsize=0.7];',
    ...outside.map((node) => `  ${nodeLine(node)}`),
    ...groups.flatMap(({ name, nodes }, index) => [
      `  subgraph cluster_${index} {`,
      `    label=${quoted(name)}; labeljust=l; fontsize=14; style=rounded; color="#999999"; bgcolor="#fafafa";`,
      ...nodes.map((node) => `    ${nodeLine(node)}`),
      '  }',
    ]),
    ...edges.map(([from, to]) => `  ${quoted(from)} -> ${quoted(to)};`),
    ...legendLines(legend),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

const nodeLine = ({ id, look, lines }: GraphNode) =>
  `${quoted(id)} [label=${quoted(lines.join('\n'))}, tooltip=${quoted(id)}, ${attributesOf(look)}];`;

function attributesOf(look: Look): string {
  const { fill, line, dashed } = COLOURS[look];
  const style = dashed ? 'rounded,filled,dashed' : 'rounded,filled';
  return `fillcolor="${fill}", color="${line}", style="${style}"`;
}

/** One node with a row for each look, so that it takes little room. Its texts are ours and hold no markup. */
function legendLines(legend: GraphView['legend']): string[] {
  if (legend.length === 0) return [];
  const rows = legend.map(({ look, text }) => {
    const { fill, line, dashed } = COLOURS[look];
    const style = dashed ? 'rounded,dashed' : 'rounded';
    return `<tr><td align="left" border="1" bgcolor="${fill}" color="${line}" style="${style}">${text}</td></tr>`;
  });
  const head = '<tr><td align="left" border="0">legend</td></tr>';
  const table = `<table border="1" color="#999999" cellspacing="3" cellpadding="5" style="rounded">${head}${rows.join('')}</table>`;
  return [`  legend [shape=plain, style="", fontsize=11, label=<${table}>];`];
}

/** A backslash would start an escape of Graphviz, such as the name of the graph. */
const quoted = (text: string): string =>
  `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
