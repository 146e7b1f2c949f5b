import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { COLOURS } from '../../../src/cli/render/graph/colours.js';
import { graphToDot } from '../../../src/cli/render/graph/dot.js';
import { graphToMermaid } from '../../../src/cli/render/graph/mermaid.js';
import { dotToSvg } from '../../../src/cli/render/graph/svg.js';
import { declaredView, type GraphView, planView } from '../../../src/cli/render/graph/view.js';
import { CHANGES } from '../../../src/model/plan.js';
import { compiled, exampleMesh, fullFacts } from '../compile/support.js';
import { action, object, planWith } from './support.js';

const plan = planWith([
  action('mesh/root-ca', { cluster: 'mesh' }),
  action('one/a', { after: ['mesh/root-ca'], objects: [object('x'), object('y')] }),
  action('one/b', {
    after: ['one/a', 'mesh/root-ca'],
    change: 'update',
    impact: 'new-pods',
    objects: [object('z')],
  }),
  action('one/c', { change: 'noop', reason: 'in-sync' }),
  action('one/d', { change: 'noop', reason: 'not-selected' }),
]);

/** A name that means something to every language of graphs. */
const WILD = 'a"b\\N<c>&d`e#f;\n]';
const wild: GraphView = {
  title: WILD,
  groups: [{ name: WILD, nodes: [{ id: WILD, look: 'create', lines: [`+ ${WILD}`] }] }],
  outside: [{ id: 'end', look: 'noop', lines: ['end'] }],
  edges: [['end', WILD]],
  legend: [],
};

const test = suite('the graph of a plan');

test('nodes stand in the box of their cluster, without its name; the root in none', () => {
  const view = planView(plan);
  assert.equal(
    view.outside.map(({ id }) => id),
    ['mesh/root-ca'],
  );
  assert.equal(
    view.groups.map(({ name, nodes }) => [name, nodes.map(({ lines }) => lines)]),
    [['one', [['+ a', '2 objects'], ['~ b', '1 object, new-pods'], ['c'], ['d']]]],
  );
});

test('edges lead forward, and no more of them than needed', () => {
  assert.equal(planView(plan).edges, [
    ['mesh/root-ca', 'one/a'],
    ['one/a', 'one/b'],
  ]);
});

test('the legend has what occurs, with the sign of the plan', () => {
  assert.equal(
    planView(plan).legend.map(({ text }) => text),
    ['+ create', '~ update', 'no change', 'not selected'],
  );
});

test('a plan of removal says so', () =>
  assert.is(planView(planWith([], { mode: 'destroy' })).title, 'removal of mesh mesh1'));

test('mesh.yaml alone gives the same actions and order as with charts and facts', async () => {
  for (const name of ['primary-remote', 'two-remotes']) {
    const mesh = await exampleMesh(name);
    const { compile } = await import('../../../src/compile/compile.js');
    const bare = compile(mesh, { clusters: {}, addresses: {}, cacerts: {}, readerTokens: {} }, {});
    const full = compiled(mesh, fullFacts(mesh));
    const view = (actions: typeof full) => {
      const { edges, ...rest } = declaredView(mesh, actions);
      return { ...rest, edges: edges.map(String).sort() };
    };
    assert.equal(view(bare), view(full));
    assert.equal(declaredView(mesh, bare).legend, []);
  }
});

test('every look has colours, and black text on each fill has a contrast of 10 to 1', () => {
  assert.equal(Object.keys(COLOURS).sort(), [...CHANGES, 'declared', 'not-selected'].sort());
  for (const { fill, line } of Object.values(COLOURS)) {
    assert.ok((luminance(fill) + 0.05) / 0.05 >= 10, fill);
    // Against white and against a dark page.
    assert.ok(1.05 / (luminance(line) + 0.05) >= 4, line);
  }
});

/** WCAG's relative luminance. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const value = Number.parseInt(colour.slice(start, start + 2), 16) / 255;
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test('DOT: names are text, whatever is in them', async () => {
  const dot = graphToDot(wild);
  assert.match(dot, 'label="+ a\\"b\\\\N<c>&d`e#f;\\n]"');
  const svg = await dotToSvg(dot);
  assert.match(svg, 'a&quot;b\\N&lt;c&gt;&amp;d`e#f;');
});

test('DOT: Graphviz draws every node, edge and box, with a white page behind', async () => {
  const svg = await dotToSvg(graphToDot(planView(plan)));
  const count = (what: string) => svg.split(`class="${what}"`).length - 1;
  // The legend is a node.
  assert.equal([count('node'), count('edge'), count('cluster')], [6, 2, 1]);
  assert.match(svg, /<polygon fill="white"/);
  assert.match(svg, COLOURS.update.fill);
});

test('Mermaid: numbers for ids, classes for looks, a title', () => {
  const lines = graphToMermaid(planView(plan)).split('\n');
  assert.equal(lines.slice(0, 7), [
    '---',
    'title: "plan of mesh mesh1"',
    '---',
    'flowchart LR',
    '  n0["#43; root-ca"]',
    '  subgraph c0["one"]',
    '    n1["#43; a<br>2 objects"]',
  ]);
  assert.ok(lines.includes('  n0 --> n1'));
  assert.ok(lines.includes('  class n2,l1 is-update'));
});

test('Mermaid: names are text, and no word of Mermaid is an id', () => {
  const text = graphToMermaid(wild);
  assert.match(text, 'n1["#43; a#quot;b\\N#lt;c#gt;#amp;d#96;e#35;f;<br>]"]');
  assert.match(text, 'n0["end"]');
  assert.is(text.split('\n').filter((line) => line.includes('subgraph')).length, 1);
});

test.run();
