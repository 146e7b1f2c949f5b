import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from './setup.mjs';

/** Under node_modules, so that packages are found from there. */
const OUT = join(ROOT, 'node_modules', '.cache', 'meshplan-tests');

/**
 * Each module still knows itself as the source file that it was: paths to fixtures, and to programs that a
 * test starts, stay right. So does the name under which a test file tells how to run it alone.
 */
const asSource = {
  name: 'as-source',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const contents = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
      const isEntry = path.endsWith('.test.ts');
      return {
        contents: isEntry ? `${contents}\nprocess.argv[1] = ${JSON.stringify(path)};` : contents,
        loader: 'ts',
      };
    });
  },
};

/**
 * Makes one JavaScript file of each test file and the sources that it uses, for to translate and find hundreds
 * of modules anew in each process takes longer than most tests. Resolves to the compiled file by test file.
 */
export async function compileTests(files) {
  await build({
    absWorkingDir: ROOT,
    entryPoints: files,
    outdir: OUT,
    outbase: join(ROOT, 'test'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'linked',
    plugins: [asSource],
    logLevel: 'warning',
  });
  return new Map(
    files.map((file) => [file, join(OUT, relative(join(ROOT, 'test'), file)).replace(/\.ts$/, '.mjs')]),
  );
}
