import { test } from 'uvu';
import { sweep } from '../support/boundary-sweep.js';

sweep(4, 4);

test.run();
