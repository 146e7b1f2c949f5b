import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { rewriteFile } from '../../../src/files/durable.js';
import { temporaryFolder } from '../../support/folders.js';

const test = suite('a file of the user that is written anew');

test('keeps its mode and the link to it, and leaves nothing beside it', async () => {
  const folder = temporaryFolder();
  const [file, link] = [join(folder, 'real.yaml'), join(folder, 'mesh.yaml')];
  writeFileSync(file, 'before');
  chmodSync(file, 0o664);
  symlinkSync('real.yaml', link);
  await rewriteFile(link, 'after');
  assert.is(readFileSync(file, 'utf8'), 'after');
  assert.is(statSync(file).mode & 0o777, 0o664);
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readdirSync(folder).sort(), ['mesh.yaml', 'real.yaml']);
});

test('is as it was where it cannot be written', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'mesh.yaml');
  writeFileSync(file, 'before');
  // Where the new text would be put is taken.
  writeFileSync(`${file}.${process.pid}.tmp`, 'of somebody else');
  let failure: unknown;
  await rewriteFile(file, 'after').catch((error: unknown) => {
    failure = error;
  });
  assert.ok(failure instanceof Error);
  assert.is(readFileSync(file, 'utf8'), 'before');
});

test.run();
