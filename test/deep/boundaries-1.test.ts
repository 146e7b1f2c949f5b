import { test } from 'uvu';
import { sweep } from '../support/boundary-sweep.js';

sweep(1, 4);

test.run();
