import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readFindings } from '../../../src/istioctl/validate.js';

const test = suite('what istioctl validate says');

const ANSWER = `
\t* DestinationRule/production/d: outlier detection consecutive errors is deprecated
Error: 2 errors occurred:
\t* VirtualService/production/b: HTTP route, redirect or direct_response is required
\t* AuthorizationPolicy/production/e: invalid policy e.production: DENY action without \`rules\` is meaningless
\t\tand goes on

`;

test('warnings stand before errors, each with its object', () => {
  assert.equal(readFindings(ANSWER), [
    {
      severity: 'warning',
      name: 'DestinationRule/production/d',
      message: 'outlier detection consecutive errors is deprecated',
    },
    {
      severity: 'error',
      name: 'VirtualService/production/b',
      message: 'HTTP route, redirect or direct_response is required',
    },
    {
      severity: 'error',
      name: 'AuthorizationPolicy/production/e',
      message: 'invalid policy e.production: DENY action without `rules` is meaningless and goes on',
    },
  ]);
});

test('a success is no finding', () => assert.equal(readFindings('validation succeed\n'), []));

test.run();
