// Loaded into meshplan with `node --import`: counts the steps by which a run is written down, and kills the
// process at one of them. A step is an append to the journal, a save of the state, or the journal's removal.
// MESHPLAN_TEST_BOUNDARY=`17 before`, `17 torn` (half of the append is written) or `17 after`; `save` and
// `removal` stand for the first step of that kind;
// MESHPLAN_TEST_STEPS names a file that gets a line for each step.
import { appendFileSync, writeSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';

const promises = createRequire(import.meta.url)('node:fs/promises');
const { open, rename, rm } = promises;
const [wanted, moment] = (process.env.MESHPLAN_TEST_BOUNDARY ?? '0 before').split(' ');
let step = 0;

const end = () => process.kill(process.pid, 'SIGKILL');

/** Does the work of one step, unless it is the one to die at. */
async function stepOf(what, work, torn) {
  step += 1;
  if (process.env.MESHPLAN_TEST_STEPS) appendFileSync(process.env.MESHPLAN_TEST_STEPS, `${what}\n`);
  const isLast = wanted === what || wanted === String(step);
  if (isLast && moment !== 'after') {
    if (moment === 'torn') torn?.();
    end();
  }
  const result = await work();
  if (isLast) end();
  return result;
}

promises.open = async (path, ...rest) => {
  const handle = await open(path, ...rest);
  if (!String(path).endsWith('.journal')) return handle;
  const append = handle.appendFile.bind(handle);
  handle.appendFile = (text) => {
    const lines = text.trim().split('\n');
    const torn = () => writeSync(handle.fd, text.slice(0, Math.floor(text.length / 2)));
    const work = async () => {
      await append(text);
      await handle.datasync();
    };
    return stepOf(`append of ${lines.length}, last ${lines.at(-1).slice(0, 150)}`, work, torn);
  };
  return handle;
};
promises.rename = (from, to) =>
  String(from).endsWith('.tmp') ? stepOf('save', () => rename(from, to)) : rename(from, to);
promises.rm = (path, options) =>
  String(path).endsWith('.journal') ? stepOf('removal', () => rm(path, options)) : rm(path, options);
syncBuiltinESMExports();
