import { test } from 'uvu';
import { sweep } from '../support/boundary-sweep.js';

sweep(3, 4);

test.run();
