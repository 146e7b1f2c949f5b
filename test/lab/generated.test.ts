import { test } from 'uvu';
import { generatedCases } from '../support/generated.js';

generatedCases(test, 20);

test.run();
