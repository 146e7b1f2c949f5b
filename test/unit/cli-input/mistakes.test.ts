import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { copyOfExample, temporaryFolder } from '../../support/folders.js';
import { cleanEnvironment, MESHPLAN, run } from '../../support/run.js';

/** A marker `#= code` stands in each line that has a mistake. */
const MISTAKES = `apiVersion: meshplan/v1
kind: Mesh
metadata:
  name: mesh1
spec:
  istio:
    version: "1.31"
    verison: "1.31"                   #= unknown-key
  networks:
    network1: {}
  clusters:
    - name: one
      role: primary
      network: network1
    - name: two
      role: primary
      network: network1
    - name: three                     #= primary-ambiguous
      role: remote
      network: network1
    - name: four
      role: remote
      primary: three                  #= primary-is-remote
      network: network9               #= unknown-network
    - name: one                       #= duplicate-name
      role: primary
      network: network1
    - name: five
      role: remote
      primary: nobody                 #= unknown-primary
      network: network1
  controlPlane:
    replicas: many                    #= wrong-type
    exposure:
      type: LoadBalancer
      allowFrom: [10.0.0.0/33]        #= bad-cidr
  namespaces:
    - name: production
  workloads:
    - manifests: apps/absent.yaml     #= manifest-missing
      clusters: [two]
    - manifests: ../elsewhere.yaml    #= manifest-outside
      clusters: [two]
    - manifests: apps/web.yaml
      clusters: [two]
  traffic:
    - host: web.production.svc.cluster.local
      subsets:
        v1: { version: v1 }
      routes:
        - to: [{ subset: v1, weight: 80 }, { subset: v1, weight: 30 }]   #= weights
`;
const WEB = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: production }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: production }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web, version: v1 } }
    spec: { containers: [{ name: web, image: web }] }
`;

function folderWith(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

const meshplan = (cwd: string, ...args: string[]) =>
  run([process.execPath, MESHPLAN, ...args], { cwd, env: cleanEnvironment() });

/** LINE CODE of every error that was printed, each of which has its column and its hint. */
function errorsIn(stderr: string): string[] {
  const lines = stderr.split('\n');
  return lines.flatMap((line, index) => {
    if (!/ error /.test(line) || line.startsWith('  ')) return [];
    const place = /^mesh\.yaml:(\d+):(\d+) error ([a-z0-9-]+) \S/.exec(line);
    assert.ok(place, line);
    assert.match(lines[index + 1] ?? '', /^ {2}hint: \S/, line);
    return [`${place[1]} ${place[3]}`];
  });
}

const expected = MISTAKES.split('\n').flatMap((line, index) => {
  const code = /#= (\S+)/.exec(line)?.[1];
  return code ? [`${index + 1} ${code}`] : [];
});

for (const command of [['validate'], ['plan'], ['apply', '-y'], ['drift'], ['verify'], ['destroy', '-y']]) {
  test(`${command[0]} names all mistakes in one run, each with its place and a hint, and exits 3`, async () => {
    const folder = folderWith({ 'mesh.yaml': MISTAKES, 'apps/web.yaml': WEB });
    const { code, stdout, stderr } = await meshplan(folder, ...command);
    assert.is(code, 3, stderr);
    assert.equal(errorsIn(stderr), expected);
    assert.is(stdout, '');
    assert.equal(readdirSync(folder).sort(), ['apps', 'mesh.yaml']);
  });
}

test('validate -o json has the same findings', async () => {
  const folder = folderWith({ 'mesh.yaml': MISTAKES, 'apps/web.yaml': WEB });
  const { code, stdout } = await meshplan(folder, 'validate', '-o', 'json');
  assert.is(code, 3);
  const report = JSON.parse(stdout) as {
    valid: boolean;
    diagnostics: { severity: string; code: string; line: number; column: number; hint: string }[];
  };
  assert.not.ok(report.valid);
  const errors = report.diagnostics.filter(({ severity }) => severity === 'error');
  assert.equal(
    errors.map(({ line, code }) => `${line} ${code}`),
    expected,
  );
  for (const { column, hint } of errors) assert.ok(column > 0 && hint !== '');
});

test('YAML that cannot be read is named with its place', async () => {
  const folder = folderWith({ 'mesh.yaml': 'apiVersion: meshplan/v1\nkind: [Mesh\nspec: {}\n' });
  const { code, stderr } = await meshplan(folder, 'validate');
  assert.is(code, 3);
  assert.match(stderr, /^mesh\.yaml:\d+:\d+ error yaml-syntax /m);
});

test('a mesh file that is not there is named', async () => {
  const { code, stderr } = await meshplan(temporaryFolder(), 'validate');
  assert.is(code, 3);
  assert.match(stderr, /mesh\.yaml/);
  assert.match(stderr, /hint: /);
});

test('a warning is no error, but with --strict', async () => {
  const folder = copyOfExample('primary-remote');
  const plain = await meshplan(folder, 'validate');
  assert.is(plain.code, 0, plain.stderr);
  assert.match(plain.stderr, / warning empty-subset /);
  assert.match(plain.stdout, /mesh\.yaml is valid: mesh mesh1, 2 clusters/);
  assert.is((await meshplan(folder, 'validate', '--strict')).code, 3);
});

for (const args of [
  ['frobnicate'],
  ['plan', '--no-such-flag'],
  ['plan', '--timeout', 'soon'],
  ['plan', '-o', 'xml'],
]) {
  test(`wrong usage exits 3: ${args.join(' ')}`, async () => {
    const { code, stdout, stderr } = await meshplan(temporaryFolder(), ...args);
    assert.is(code, 3, stderr);
    assert.is(stdout, '');
    assert.match(stderr, /error: /);
  });
}

test.run();
