import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kustomizeBy } from '../../../src/kustomize/index.js';
import { temporaryFolder } from '../../support/folders.js';

const test = suite('kubectl, which builds kustomizations');

/** A folder with a program of the name kubectl. */
function kubectlThat(script: string): string {
  const folder = temporaryFolder();
  const file = join(folder, 'kubectl');
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return folder;
}

const withPath = (...folders: string[]) =>
  kustomizeBy({ path: folders.join(delimiter), cached: async () => undefined });

/** An empty kustomization. */
function kustomization(): string {
  const folder = join(temporaryFolder(), 'shop');
  mkdirSync(folder);
  writeFileSync(join(folder, 'kustomization.yaml'), 'resources: []\n');
  return folder;
}

async function failureOf(building: Promise<unknown>): Promise<string> {
  const error = await building.then(
    () => assert.unreachable('it fails'),
    (thrown: { code?: string; message?: string }) => thrown,
  );
  return `${error?.code}: ${error?.message}`;
}

test('it gets the folder alone, no PATH and a proxy that nobody is', async () => {
  const kubectl = kubectlThat('echo "args: $*"; echo "path: <$PATH> proxy: $HTTPS_PROXY home: <$HOME>"');
  const folder = kustomization();
  const { yaml, origin } = await withPath(kubectl).build(folder, { origins: false });
  assert.is(yaml, `args: kustomize ${folder}\npath: <> proxy: http://127.0.0.1:9 home: <>`);
  assert.is(origin, folder);
});

test('with origins, a kustomization around the folder asks for them', async () => {
  const { yaml, origin } = await withPath(
    kubectlThat('read -r text < "$2/kustomization.yaml" || echo "$text"'),
  ).build(kustomization(), { origins: true });
  const { resources, buildMetadata } = JSON.parse(yaml);
  assert.match(resources[0], /^\.\..*\/shop$/);
  assert.equal(buildMetadata, ['originAnnotations']);
  assert.not.match(origin, /shop$/);
});

test('an older kustomize that knows no origins builds the folder alone', async () => {
  const script =
    'case "$2" in */shop) echo built;; *) echo "error: unknown field buildMetadata" >&2; exit 1;; esac';
  const folder = kustomization();
  assert.equal(await withPath(kubectlThat(script)).build(folder, { origins: true }), {
    yaml: 'built',
    origin: folder,
  });
});

test('the next one is taken where one knows no kustomizations', async () => {
  const unable = kubectlThat('echo \'Error: unknown command "kustomize" for "kubectl"\' >&2; exit 1');
  const able = kubectlThat('echo built');
  assert.is((await withPath(unable, able).build(kustomization(), { origins: true })).yaml, 'built');
  const failure = await failureOf(withPath(unable).build(kustomization(), { origins: true }));
  assert.match(failure, /^kustomize-missing: .*\/kubectl: unknown command "kustomize"/);
});

test('the cached one is the last', async () => {
  const [onPath, own] = ['echo path', 'echo cached'].map(kubectlThat);
  const built = async (path: string | undefined) => {
    const kustomize = kustomizeBy({ path, cached: async () => join(own ?? '', 'kubectl') });
    return (await kustomize.build(kustomization(), { origins: false })).yaml;
  };
  assert.equal([await built(onPath), await built(undefined)], ['path', 'cached']);
});

test('without any it is told what is missing', async () => {
  const failure = await failureOf(withPath('/nowhere').build(kustomization(), { origins: true }));
  assert.is(failure, 'kustomize-missing: no kubectl found, which builds kustomizations');
});

const words: [string, string][] = [
  ['error: no such file', 'no such file'],
  ['E1125 09:05:11.057338 6091 run.go:72] "command failed" err="unknown \\"a\\" in b"', 'unknown "a" in b'],
  // What it quotes of the user's objects is left out.
  [
    'loading KV pairs: literal sources [S3CRET]: invalid literal source S3CRET, expected key=value',
    'loading KV pairs: a literal source is not KEY=VALUE',
  ],
  [
    'loading KV pairs: env source files: [x.env]: line [83 51] has invalid utf8 bytes : S3CRET',
    'loading KV pairs: env source files: [x.env]: a line is not UTF-8',
  ],
  [
    'E1125 09:59:18.232242   24280 run.go:72] "command failed" err=<\n\ttrouble configuring builtin PatchTransformer with config: `\n\tpatch: "S3CRET: `x`"\n\t`: unable to parse SM or JSON patch from [patch: "S3CRET"]\n >',
    'trouble configuring builtin PatchTransformer: unable to parse SM or JSON patch',
  ],
  [
    'E1125 09:59:18.2 2 run.go:72] "command failed" err=<\n\twrong node kind: expected MappingNode but got ScalarNode: node contents:\n\t"S3CRET"\n >',
    'wrong node kind: expected MappingNode but got ScalarNode',
  ],
  [
    'namespace transformation produces ID conflict: [{"apiVersion":"v1","kind":"Secret","metadata":{"annotations":{"a/b":"x"},"name":"x"},"stringData":{"p":"S3CRET"}} {"apiVersion":"v1","data":{"p":"S3CRET"},"kind":"Secret","metadata":{"name":"y"}}]',
    'namespace transformation produces ID conflict: Secret x, Secret y',
  ],
];
for (const [stderr, told] of words) {
  test(`its words are told: ${told}`, async () => {
    const script = `cat >&2 <<'END'\n${stderr}\nEND\nexit 1`;
    const kubectl = kubectlThat(`PATH=/usr/bin:/bin\n${script}`);
    const failure = await failureOf(withPath(kubectl).build(kustomization(), { origins: true }));
    assert.is(failure, `kustomize-failed: kustomize cannot build it: ${told}`);
  });
}

test.run();
