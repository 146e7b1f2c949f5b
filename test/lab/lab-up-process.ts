import { labUp } from '../../src/lab/index.js';
import { twoClusters } from './lab-support.js';

/** `labUp` as a process of its own, to be killed: `lab-up-process.ts DIR`. */
const [dir = ''] = process.argv.slice(2);
await labUp(await twoClusters(dir));
