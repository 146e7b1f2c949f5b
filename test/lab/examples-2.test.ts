import { test } from 'uvu';
import { testExamples } from '../support/examples.js';

testExamples(1, 2);

test.run();
