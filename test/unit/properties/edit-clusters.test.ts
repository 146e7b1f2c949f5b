import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Findings } from '../../../src/config/findings.js';
import { editClusters } from '../../../src/config/index.js';
import { parseYaml } from '../../../src/config/yaml/parse.js';
import { toPlain } from '../../../src/config/yaml/source-node.js';
import type { ClusterEdit } from '../../../src/model/promotion.js';
import { holds } from '../../support/property.js';

/** How an entry is written. */
interface Style {
  /** The fields in their order, each with the quotes around its value. */
  fields: [name: string, quote: string][];
  form: 'block' | 'line' | 'lines' | 'leading';
  /** Comments behind some fields. */
  comments: boolean[];
  /** Whether the last member of a map over several lines has a comma. */
  comma: boolean;
}

const values = (name: string): Record<string, string> => ({
  name,
  role: name === 'one' ? 'primary' : 'remote',
  network: 'network1',
  ...(name === 'one' ? {} : { primary: 'one' }),
});

const styleOf = (name: string): fc.Arbitrary<Style> => {
  const names = Object.keys(values(name));
  return fc.record({
    fields: fc
      .tuple(
        fc.shuffledSubarray(names, { minLength: names.length }),
        fc.array(fc.constantFrom('', '"', "'"), { minLength: names.length, maxLength: names.length }),
      )
      .map(([order, quotes]) => order.map((field, index): [string, string] => [field, quotes[index] ?? ''])),
    form: fc.constantFrom('block', 'line', 'lines', 'leading'),
    comments: fc.array(fc.boolean(), { minLength: names.length, maxLength: names.length }),
    comma: fc.boolean(),
  });
};

function entryOf(name: string, { fields, form, comments, comma }: Style): string {
  const members = fields.map(([field, quote]) => `${field}: ${quote}${values(name)[field]}${quote}`);
  const comment = (index: number) => (comments[index] ? ` # ${name} ${fields[index]?.[0]}` : '');
  if (form === 'line') return `    - { ${members.join(', ')} }${comment(0)}\n`;
  if (form === 'block')
    return members
      .map((text, index) => `    ${index === 0 ? '- ' : '  '}${text}${comment(index)}\n`)
      .join('');
  const isLast = (index: number) => index === members.length - 1;
  if (form === 'lines') {
    const lines = members.map(
      (text, index) => `        ${text}${isLast(index) && !comma ? '' : ','}${comment(index)}\n`,
    );
    return `    - {\n${lines.join('')}      }\n`;
  }
  const lines = members.map(
    (text, index) => `${index === 0 ? '    - { ' : '      , '}${text}${comment(index)}\n`,
  );
  return `${lines.join('')}      }\n`;
}

const names = ['one', 'two', 'three'];
const since = '2026-11-25T13:40:12Z';
const promotion: ClusterEdit[] = [
  { cluster: 'two', fields: { role: 'primary', primary: null } },
  { cluster: 'three', fields: { primary: 'two' } },
  { cluster: 'one', fields: { role: 'remote', primary: 'two', fenced: { since } } },
];
const meant: Record<string, unknown> = {
  one: { name: 'one', role: 'remote', network: 'network1', primary: 'two', fenced: { since } },
  two: { name: 'two', role: 'primary', network: 'network1' },
  three: { name: 'three', role: 'remote', network: 'network1', primary: 'two' },
};

const read = (text: string) => {
  const [tree] = parseYaml(text, 'mesh.yaml', 'meshplan', new Findings());
  assert.ok(tree, text);
  return tree;
};

const commentsOf = (text: string): string[] => text.match(/# \w+ \w+/g) ?? [];

const test = suite('edits of mesh files in any style');

test('say what is meant, and leave everything else as it was', () =>
  holds(
    fc.tuple(fc.shuffledSubarray(names, { minLength: 3 }), fc.tuple(...names.map(styleOf)), fc.boolean()),
    ([order, styles, isWindows]) => {
      const entries = order.map((name) => entryOf(name, styles[names.indexOf(name)] as Style));
      const plain = `spec:\n  clusters: # all\n${entries.join('')}  controlPlane: {}\n`;
      const text = isWindows ? plain.replaceAll('\n', '\r\n') : plain;
      const after = editClusters({ file: 'mesh.yaml', text, tree: read(text) }, promotion);
      assert.equal(toPlain(read(after)), {
        spec: { clusters: order.map((name) => meant[name]), controlPlane: {} },
      });
      assert.is(after.includes('\r\n'), isWindows);
      assert.is(after.replaceAll('\r\n', '').includes('\n'), !isWindows);
      // The comment behind a field goes with its line.
      const lost = commentsOf(text).filter((comment) => !commentsOf(after).includes(comment));
      assert.equal(
        lost.filter((comment) => comment !== '# two primary'),
        [],
      );
      // What stood behind a field that goes moves up; a member that was the last gets a comma.
      const bare = (line: string) => line.replace(/^[-{, ]+/, '').replace(/,?( #.*)?$/, '');
      const lines = new Set(after.split(/\r?\n/).map(bare));
      const kept = text.split(/\r?\n/).filter((line) => !/role|primary/.test(line));
      assert.equal(
        kept.map(bare).filter((line) => !lines.has(line)),
        [],
      );
    },
  ));

test.run();
