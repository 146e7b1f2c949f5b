import { COLOURS } from './colours.js';
import type { GraphNode, GraphView, Look } from './view.js';

/** The graph for Markdown pages that draw Mermaid, such as those of GitHub and GitLab. */
export function graphToMermaid({ title, groups, outside, edges, legend }: GraphView): string {
  const all = [...outside, ...groups.flatMap(({ nodes }) => nodes)];
  // Ids of Mermaid are plain words, and some words mean something, so nodes are numbered.
  const numbers = new Map(all.map(({ id }, index) => [id, `n${index}`]));
  const node = ({ id, lines }: GraphNode) => `${numbers.get(id)}[${quoted(lines.join('\n'))}]`;
  const classes = new Map<Look, string[]>();
  for (const { id, look } of all) classes.set(look, [...(classes.get(look) ?? []), numbers.get(id) ?? '']);
  legend.forEach(({ look }, index) => {
    classes.set(look, [...(classes.get(look) ?? []), `l${index}`]);
  });
  const lines = [
    '---',
    `title: ${JSON.stringify(title)}`,
    '---',
    'flowchart LR',
    ...outside.map((item) => `  ${node(item)}`),
    ...groups.flatMap(({ name, nodes }, index) => [
      `  subgraph c${index}[${quoted(name)}]`,
      ...nodes.map((item) => `    ${node(item)}`),
      '  end',
    ]),
    ...edges.map(([from, to]) => `  ${numbers.get(from)} --> ${numbers.get(to)}`),
    ...(legend.length > 0
      ? ['  subgraph legend', ...legend.map(({ text }, index) => `    l${index}[${quoted(text)}]`), '  end']
      : []),
    ...[...classes].flatMap(([look, ids]) => [classLine(look), `  class ${ids.join(',')} ${nameOf(look)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function classLine(look: Look): string {
  const { fill, line, dashed } = COLOURS[look];
  const dash = dashed ? ',stroke-dasharray:4 3' : '';
  return `  classDef ${nameOf(look)} fill:${fill},stroke:${line},color:#000000${dash}`;
}

/** A word of its own, for some looks are words of Mermaid. */
const nameOf = (look: Look) => `is-${look}`;

/** In quotes only these mean anything to Mermaid; a leading `-` or `+` would otherwise be read as a Markdown list. */
function quoted(text: string): string {
  const escaped = text
    .replaceAll('#', '#35;')
    .replaceAll('&', '#amp;')
    .replaceAll('"', '#quot;')
    .replaceAll('<', '#lt;')
    .replaceAll('>', '#gt;')
    .replaceAll('`', '#96;')
    .replace(/^([-+~]) /, (_, sign: string) => `#${sign.charCodeAt(0)}; `)
    .replaceAll('\n', '<br>');
  return `"${escaped}"`;
}
