import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { ROOT, rooms } from './support.js';

/** Each stage may use what earlier ones made, never a later one. */
const STAGES = ['config', 'facts', 'compile', 'observe', 'plan', 'drift', 'apply'];
/** What talks to the world; stages get it passed in. */
const ADAPTERS = ['kube', 'pki', 'istioctl', 'kustomize', 'state', 'lab'];
/** Rooms whose results depend on their input alone. */
const PURE = ['model', 'lint', 'graph', 'match', 'diff', 'compile', 'plan', 'saved', 'proof', 'drift'];
/** Packages that few rooms wrap, most of them one. */
const OWNERS: Record<string, string[]> = {
  '@kubernetes/client-node': ['kube'],
  'node-forge': ['pki'],
  execa: ['istioctl', 'kustomize'],
  'js-yaml': ['istioctl'],
  listr2: ['cli'],
  commander: ['cli'],
  diff: ['cli'],
  'log-update': ['cli'],
  yaml: ['config'],
  ajv: ['config'],
  tinyglobby: ['config'],
  picomatch: ['match'],
  'junit-report-builder': ['cli'],
  '@hpcc-js/wasm-graphviz': ['cli'],
};

interface Probe {
  /** Folder under src. */
  from: string;
  statement: string;
  allowed: boolean;
}

const named = (specifier: string) => `import { x } from '${specifier}';\nx();\n`;
const probes: Probe[] = [];
const room = (from: string, to: string, allowed: boolean) =>
  probes.push({ from, statement: named(`../${to}/index.js`), allowed });

const all = await rooms();
STAGES.forEach((stage, index) => {
  for (const later of STAGES.slice(index + 1)) room(stage, later, false);
  for (const adapter of ADAPTERS) room(stage, adapter, false);
});
for (const from of all.filter((name) => name !== 'cli')) room(from, 'cli', false);
for (const to of all.filter((name) => name !== 'model')) room('model', to, false);
for (const from of PURE) room(from, 'cluster', false);
for (const from of ['verify', 'traffic', 'engine'])
  for (const adapter of ADAPTERS) room(from, adapter, false);
for (const [packageName, owners] of Object.entries(OWNERS))
  for (const from of all)
    probes.push({ from, statement: named(packageName), allowed: owners.includes(from) });

for (const [from, to] of [
  ['compile', 'graph'],
  ['observe', 'diff'],
  ['observe', 'cluster'],
  ['plan', 'diff'],
  ['plan', 'graph'],
  ['plan', 'match'],
  ['config', 'match'],
  ['apply', 'graph'],
  ['apply', 'cluster'],
  ['engine', 'plan'],
  ['engine', 'saved'],
  ['saved', 'plan'],
  ['engine', 'drift'],
  ['drift', 'plan'],
  ['lab', 'kube'],
  ['traffic', 'cluster'],
  ['state', 'errors'],
] as const)
  room(from, to, true);
for (const to of all.filter((name) => name !== 'cli')) room('cli', to, true);
for (const from of all.filter((name) => name !== 'model')) if (from !== 'files') room(from, 'model', true);

const WRONG = '../../kube/http.js';
probes.push(
  { from: 'plan/deep', statement: named(WRONG), allowed: false },
  { from: 'plan/very/deep', statement: named(`../${WRONG}`), allowed: false },
  {
    from: 'plan/deep',
    statement: `import type { X } from '${WRONG}';\nexport type Y = X;\n`,
    allowed: false,
  },
  { from: 'plan/deep', statement: `export const load = () => import('${WRONG}');\n`, allowed: false },
  { from: 'plan/deep', statement: `export * from '${WRONG}';\n`, allowed: false },
  { from: 'plan/deep', statement: named('../objects.js'), allowed: true },
  {
    from: 'plan',
    statement: "import type { KubeConfig } from '@kubernetes/client-node';\nexport type Y = KubeConfig;\n",
    allowed: false,
  },
  { from: 'plan', statement: named('yaml/util'), allowed: false },
  { from: 'plan', statement: named('ajv/dist/2019.js'), allowed: false },
  { from: 'config', statement: named('ajv/dist/2019.js'), allowed: true },
);

/** Lints all probes at once in a folder with the project's own rules, and tells which were refused. */
async function lint(): Promise<Set<number>> {
  const folder = await mkdtemp(join(tmpdir(), 'meshplan-house-'));
  try {
    const rules = JSON.parse(await readFile(join(ROOT, 'biome.json'), 'utf8')) as Record<string, unknown>;
    delete rules.$schema;
    await writeFile(join(folder, 'biome.json'), JSON.stringify({ ...rules, vcs: { enabled: false } }));
    for (const [index, { from, statement }] of probes.entries()) {
      const file = join(folder, 'src', from, `probe-${index}.ts`);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, statement);
    }
    const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
    const args = [biome, 'lint', '--reporter=json', '--max-diagnostics=none', '.'];
    const output = await new Promise<string>((resolve) => {
      // It ends with 1 where it found something, as it should here.
      execFile(process.execPath, args, { cwd: folder, maxBuffer: 64 << 20 }, (_error, stdout) =>
        resolve(stdout),
      );
    });
    const { diagnostics } = JSON.parse(output) as {
      diagnostics: { category: string; location: { path: string } }[];
    };
    return new Set(
      diagnostics
        .filter((item) => item.category === 'lint/style/noRestrictedImports')
        .map((item) => Number(/probe-(\d+)\.ts$/.exec(item.location.path)?.[1])),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const test = suite('imports between rooms');

let refused = new Set<number>();
test.before(async () => {
  refused = await lint();
});

const describe = ({ from, statement }: Probe) => `src/${from}: ${statement.trim().split('\n')[0]}`;
const wrongly = (allowed: boolean) =>
  probes.filter((probe, index) => probe.allowed === allowed && refused.has(index) === allowed).map(describe);

test('lint refuses every import that goes the wrong way', () => assert.equal(wrongly(false), []));

test('lint takes every import that goes the right way', () => assert.equal(wrongly(true), []));

test('there is enough to refuse and to take', () => {
  assert.ok(probes.filter((probe) => !probe.allowed).length > 150);
  assert.ok(probes.filter((probe) => probe.allowed).length > 40);
});

test('every room has rules of its own', async () => {
  const text = await readFile(join(ROOT, 'biome.json'), 'utf8');
  const lacking = all.filter((name) => !text.includes(`"src/${name}/**"`));
  assert.equal(lacking, []);
});

test.run();
