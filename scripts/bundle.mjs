// Replaces dist/kube/client-node.js by a bundle of what it exports: one file loads five times faster than a
// thousand. Beside it goes a file with the licences of all that is in it.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from './setup.mjs';

const outfile = join(ROOT, 'dist', 'kube', 'client-node.js');

const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: ['src/kube/client-node.ts'],
  outfile,
  allowOverwrite: true,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  metafile: true,
  logLevel: 'warning',
  // Packages in it that are no ES modules ask for Node's own modules by `require`.
  banner: {
    js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
  },
});

const folders = Object.keys(metafile.inputs).map(
  (file) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1],
);
const packages = [...new Set(folders.filter(Boolean))].sort();
await writeFile(`${outfile}.LICENSES.txt`, (await Promise.all(packages.map(licenceOf))).join('\n'));

async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(ROOT, folder, 'package.json'), 'utf8'));
  const file = (await readdir(join(ROOT, folder))).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? await readFile(join(ROOT, folder, file), 'utf8') : '';
  return `== ${name} ${version} (${license ?? 'see its text'})\n\n${text.trim()}\n`;
}
