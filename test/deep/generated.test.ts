import { test } from 'uvu';
import { generatedCases } from '../support/generated.js';

generatedCases(test, 200);

test.run();
