import { test } from 'uvu';
import { testExamples } from '../support/examples.js';

testExamples(0, 2);

test.run();
