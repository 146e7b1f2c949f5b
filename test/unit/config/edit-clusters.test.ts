import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Findings } from '../../../src/config/findings.js';
import { editClusters } from '../../../src/config/index.js';
import { overlayRules } from '../../../src/config/overlay/merge-rules.js';
import { mergePatch } from '../../../src/config/patch/merge-patch.js';
import { parseYaml } from '../../../src/config/yaml/parse.js';
import { InvalidInputError } from '../../../src/errors/index.js';
import type { ClusterEdit } from '../../../src/model/promotion.js';

const test = suite('an edit of clusters in a mesh file');

const since = '2026-11-25T13:40:12Z';
/** As a promotion of `two`, whose primary was `one`, edits. */
const promotion: ClusterEdit[] = [
  { cluster: 'two', fields: { role: 'primary', primary: null } },
  { cluster: 'three', fields: { primary: 'two' } },
  { cluster: 'one', fields: { role: 'remote', primary: 'two', fenced: { since } } },
];

function edited(text: string, edits = promotion, overlay?: string): string {
  const findings = new Findings();
  const [base] = parseYaml(text, 'mesh.yaml', 'meshplan', findings);
  const [patch] = overlay === undefined ? [] : parseYaml(overlay, 'overlay.yaml', 'meshplan', findings);
  assert.ok(base, JSON.stringify(findings.sorted()));
  const tree = patch ? mergePatch(base, patch, overlayRules(findings)) : base;
  return editClusters({ file: 'mesh.yaml', text, tree }, edits);
}

const clusters = (text: string) => `# The mesh.
spec:
  clusters: # all of them
${text}  controlPlane: {} # below
`;

const styles: Record<string, [before: string, after: string]> = {
  'block maps, with comments and empty lines': [
    `    # the first
    - name: one
      role: primary   # leads

      network: network1
    - name: two   # the second
      role: remote
      primary: one   # may be left out
      # where it is
      locality: { region: us }
    - name: three
      role: remote
      primary: one   # for now
`,
    `    # the first
    - name: one
      role: remote   # leads
      primary: two
      fenced: { since: "${since}" }

      network: network1
    - name: two   # the second
      role: primary
      # where it is
      locality: { region: us }
    - name: three
      role: remote
      primary: two   # for now
`,
  ],
  'maps on one line': [
    `    - { name: one, role: primary, network: network1 } # leads
    - {name: two, role: remote, primary: one}
    - { primary: one, name: three, role: remote }
`,
    `    - { name: one, role: remote, primary: two, fenced: { since: "${since}" }, network: network1 } # leads
    - {name: two, role: primary}
    - { primary: two, name: three, role: remote }
`,
  ],
  'a list on one line': [
    `    [{ name: one, role: primary }, { primary: one, role: remote, name: two }, { role: remote, primary: "one", name: three }]
`,
    `    [{ name: one, role: remote, primary: two, fenced: { since: "${since}" } }, { role: primary, name: two }, { role: remote, primary: "two", name: three }]
`,
  ],
  quotes: [
    `    - "name": one
      "role": "primary"
    - name: two
      role: 'remote'
      primary: 'one'
    - 'name': three
      'role': 'remote'
      'primary': 'one'
`,
    `    - "name": one
      "role": "remote"
      "primary": "two"
      "fenced": { "since": "${since}" }
    - name: two
      role: 'primary'
    - 'name': three
      'role': 'remote'
      'primary': 'two'
`,
  ],
  'what goes stands first, behind the dash': [
    `    - role: primary
      name: one
    - primary: one # its primary

      # then the rest
      role: remote
      name: two
    -   primary: one
        role: remote
        name: three
`,
    `    - role: remote
      primary: two
      fenced: { since: "${since}" }
      name: one
    - # then the rest
      role: primary
      name: two
    -   primary: two
        role: remote
        name: three
`,
  ],
  'maps over several lines': [
    `    - {
        name: one, # comma
        role: primary, # leads
        network: network1,
      }
    - {
        name: two,
        role: remote,
        primary: one # last
      }
    - {
        name: three, role: remote,
        primary: one, network: network1
      }
`,
    `    - {
        name: one, # comma
        role: remote, # leads
        primary: two,
        fenced: { since: "${since}" },
        network: network1,
      }
    - {
        name: two,
        role: primary
      }
    - {
        name: three, role: remote,
        primary: two, network: network1
      }
`,
  ],
  'a last member without a comma': [
    `    - {
        name: one,
        role: primary # leads
      }
    - { name: two, role: remote, primary: one }
    - {
        name: three
      , role: remote
      , primary: one
      }
`,
    `    - {
        name: one,
        role: remote, # leads
        primary: two,
        fenced: { since: "${since}" }
      }
    - { name: two, role: primary }
    - {
        name: three
      , role: remote
      , primary: two
      }
`,
  ],
  'commas that stand first': [
    `    - { name: one
      , role: primary
      , network: network1
      }
    - { name: two
      , role: remote
      , primary: one # last
      }
    - { primary: one
      , name: three
      , role: remote }
`,
    `    - { name: one
      , role: remote, primary: two, fenced: { since: "${since}" }
      , network: network1
      }
    - { name: two
      , role: primary # last
      }
    - { primary: two
      , name: three
      , role: remote }
`,
  ],
  'a primary that names itself': [
    `    - name: one
      primary: one
      role: primary
    - name: two
      primary: one
      role: remote
    - name: three
      primary: one
      role: remote
`,
    `    - name: one
      primary: two
      fenced: { since: "${since}" }
      role: remote
    - name: two
      role: primary
    - name: three
      primary: two
      role: remote
`,
  ],
};

for (const [title, [before, after]] of Object.entries(styles)) {
  test(title, () => assert.is(edited(clusters(before)), clusters(after)));
  test(`${title}, with lines as Windows ends them`, () => {
    const windows = (text: string) => clusters(text).replaceAll('\n', '\r\n');
    assert.is(edited(windows(before)), windows(after));
  });
}

test('a byte order mark stays', () => {
  const [before, after] = styles['maps on one line'] ?? ['', ''];
  assert.is(edited(`\uFEFF${clusters(before)}`), `\uFEFF${clusters(after)}`);
});

test('a file without an end of its last line', () => {
  const text =
    'spec:\n  clusters:\n    - name: two\n      primary: one\n      role: remote\n    - name: one\n      role: primary';
  const after = edited(text, [promotion[0], promotion[2]] as ClusterEdit[]);
  const fence = `      primary: two\n      fenced: { since: "${since}" }`;
  assert.is(
    after,
    `spec:\n  clusters:\n    - name: two\n      role: primary\n    - name: one\n      role: remote\n${fence}`,
  );
});

test('JSON', () => {
  const mesh = (list: unknown) => JSON.stringify({ spec: { clusters: list } }, null, 2);
  const before = [
    { name: 'one', role: 'primary' },
    { name: 'two', role: 'remote', primary: 'one' },
  ];
  const after = edited(mesh(before), [promotion[0], promotion[2]] as ClusterEdit[]);
  assert.equal(JSON.parse(after).spec.clusters, [
    { name: 'one', role: 'remote', primary: 'two', fenced: { since } },
    { name: 'two', role: 'primary' },
  ]);
});

test('names that are no texts without quotes', () => {
  const before =
    'spec: { clusters: [{ name: "1", role: primary }, { name: b, role: remote, primary: "0x1" }] }';
  const edits: ClusterEdit[] = [{ cluster: '1', fields: { role: 'remote', primary: 'true' } }];
  assert.is(
    edited(before, edits),
    'spec: { clusters: [{ name: "1", role: remote, primary: "true" }, { name: b, role: remote, primary: "0x1" }] }',
  );
});

const refused: Record<string, [text: string, place: RegExp, overlay?: string]> = {
  'a field of an overlay': [
    '    - { name: one, role: primary }\n    - { name: two, role: remote }\n    - { name: three, role: remote, primary: one }\n',
    /^overlay\.yaml:3:21 .*`primary` of cluster two comes from an overlay/,
    'spec:\n  clusters:\n    - { name: two,  primary: one }\n',
  ],
  'a cluster of an overlay': [
    '    - { name: one, role: primary }\n    - { name: three, role: remote, primary: one }\n',
    /^overlay\.yaml:1:20 .*cluster two is declared in an overlay/,
    'spec: { clusters: [{ name: two, role: remote }] }',
  ],
  'a field by a merge key': [
    '    - { name: one, role: primary, labels: &r { role: remote } }\n    - { name: two, <<: *r }\n    - { name: three, role: remote, primary: one }\n',
    /^mesh\.yaml:4:\d+ .*`role` of cluster two comes by a merge key/,
  ],
  'a field by an alias': [
    '    - { name: one, role: primary, network: &n one }\n    - { name: two, role: remote, primary: *n }\n    - { name: three, role: remote, primary: one }\n',
    /^mesh\.yaml:5:\d+ .*`primary` of cluster two comes by an alias/,
  ],
  'a field on which others lean': [
    '    - { name: one, role: &p primary }\n    - { name: two, role: remote, network: *p }\n    - { name: three, role: remote, primary: one }\n',
    /^mesh\.yaml:4:\d+ .*`role` of cluster one is used elsewhere too/,
  ],
  'an entry on which others lean': [
    '    - &one { name: one, role: primary }\n    - { <<: *one, name: two, role: remote }\n    - { name: three, role: remote, primary: one }\n',
    /^mesh\.yaml:4:\d+ .*what it says of cluster one is used elsewhere too/,
  ],
};
for (const [title, [text, place, overlay]] of Object.entries(refused)) {
  test(`${title} is refused with its place, and what to write`, () => {
    const findings = refusalOf(clusters(text), overlay);
    const lines = findings.map(({ file, line, column, message }) => `${file}:${line}:${column} ${message}`);
    assert.ok(
      lines.some((line) => place.test(line)),
      lines.join('\n'),
    );
    assert.match(findings[0]?.hint ?? '', 'two has `role: primary`, no `primary`');
    assert.match(
      findings[0]?.hint ?? '',
      `one has \`role: remote\`, \`primary: two\`, \`fenced: { since: "${since}" }\``,
    );
  });
}

function refusalOf(text: string, overlay?: string) {
  try {
    edited(text, promotion, overlay);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.diagnostics;
    throw error;
  }
  throw new Error('was not refused');
}

test("an anchor on which nobody leans is in nobody's way", () => {
  const text = clusters('    - &one { name: one, role: &r primary }\n');
  const edit: ClusterEdit[] = [{ cluster: 'one', fields: { role: 'remote' } }];
  assert.is(edited(text, edit), text.replace('primary', 'remote'));
});

test('keys in a rare form are edited right, or the edit is refused', () => {
  const text = clusters('    - ? name\n      : one\n      ? role\n      : primary\n');
  try {
    const after = edited(text, [{ cluster: 'one', fields: { role: 'remote', primary: 'two' } }]);
    assert.match(after, 'two');
  } catch (error) {
    assert.ok(error instanceof InvalidInputError);
  }
});

test.run();
