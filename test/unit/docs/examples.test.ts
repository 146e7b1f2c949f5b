import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseAllDocuments } from 'yaml';
import { createProgram } from '../../../src/cli/program.js';
import { loadMesh, readEnvironments } from '../../../src/config/index.js';
import { EXAMPLE_FILES, ROOT, read } from './support.js';

const documents = (file: string) => parseAllDocuments(read(file), { strict: true, uniqueKeys: true });
const only = <T>(file: string): T => documents(file)[0]?.toJS() as T;

test('every YAML file of the examples can be read', () => {
  const files = EXAMPLE_FILES.filter((file) => file.endsWith('.yaml'));
  const errors = files.flatMap((file) => documents(file).flatMap((part) => part.errors.map(String)));
  assert.equal(errors, []);
  assert.ok(files.length >= 5);
});

const meshes = EXAMPLE_FILES.filter((file) => file.endsWith('/mesh.yaml'));
for (const file of meshes) {
  test(`${file} is valid, and names its schema`, async () => {
    const environments = await readEnvironments(join(ROOT, file));
    for (const environment of environments) await loadMesh(join(ROOT, file), { environment });
    if (environments.length === 0) await loadMesh(join(ROOT, file));
    const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)/.exec(read(file)) ?? [];
    assert.ok(existsSync(join(ROOT, file, '..', schema)), schema);
  });
}
test('there are meshes among them', () => assert.ok(meshes.length >= 2));

interface CronJob {
  spec: {
    jobTemplate: {
      spec: {
        template: {
          spec: {
            containers: { command: string[] }[];
            volumes: { configMap?: { items: { key: string; path: string }[] } }[];
          };
        };
      };
    };
  };
}

test('the nightly job calls a command that is there, with the files of the first example', () => {
  const pod = only<CronJob>('examples/nightly-drift/cronjob.yaml').spec.jobTemplate.spec.template.spec;
  const [program = '', name = '', ...flags] = pod.containers[0]?.command ?? [];
  assert.is(program, 'meshplan');
  const command = createProgram(() => {}).commands.find((item) => item.name() === name);
  const known = command?.options.flatMap(({ long, short }) => [long, short]) ?? [];
  assert.equal(
    flags.filter((flag) => flag.startsWith('-') && !known.includes(flag)),
    [],
  );
  const items = pod.volumes.flatMap(({ configMap }) => configMap?.items ?? []);
  assert.equal(
    items.filter(({ path }) => !existsSync(join(ROOT, 'examples/primary-remote', path))),
    [],
  );
  assert.ok(items.length > 1);
});

interface Workflow {
  jobs: Record<string, { steps: { id?: string; run?: string }[] }>;
}

test('scripts of the workflow are shell, and its steps refer to steps that are there', () => {
  const file = 'examples/github-actions/plan.yaml';
  const steps = Object.values(only<Workflow>(file).jobs).flatMap((job) => job.steps);
  const scripts = steps.flatMap(({ run }) => (run ? [run] : []));
  for (const script of scripts) {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    assert.is(status, 0, stderr);
  }
  const ids = new Set(steps.map(({ id }) => id));
  const named = [...read(file).matchAll(/\bsteps\.([a-z-]+)\./g)].map((match) => match[1]);
  assert.equal(
    named.filter((id) => !ids.has(id)),
    [],
  );
  assert.ok(scripts.length >= 3 && named.length > 0);
});

test.run();
