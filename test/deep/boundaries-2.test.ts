import { test } from 'uvu';
import { sweep } from '../support/boundary-sweep.js';

sweep(2, 4);

test.run();
