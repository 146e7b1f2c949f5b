import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeEvent } from '../../../src/lab/binaries/describe.js';
import type { BinaryEvent } from '../../../src/lab/binaries/types.js';

const MIB = 1024 * 1024;

const CASES: [event: BinaryEvent, line: string][] = [
  [
    {
      type: 'step',
      family: 'etcd',
      step: 'path',
      outcome: 'skipped',
      reason: 'PATH has no etcd',
      elapsedMs: 3,
    },
    'etcd: path skipped: PATH has no etcd (0.0 s)',
  ],
  [
    { type: 'step', family: 'etcd', step: 'cache', outcome: 'used', reason: '/cache/etcd', elapsedMs: 3 },
    'etcd: taken from /cache/etcd (0.0 s)',
  ],
  [
    {
      type: 'step',
      family: 'kwok',
      step: 'build',
      outcome: 'failed',
      reason: 'go build ended\nline',
      elapsedMs: 2150,
    },
    'kwok: build failed: go build ended (2.1 s)',
  ],
  [
    { type: 'progress', family: 'istio', step: 'build', modules: 210, packages: 1804, elapsedMs: 95_000 },
    'istio: building, 210 modules fetched, 1804 packages compiled (95.0 s)',
  ],
  [
    { type: 'progress', family: 'istio', step: 'build', modules: 0, packages: 0, elapsedMs: 0 },
    'istio: building (0.0 s)',
  ],
  [
    {
      type: 'progress',
      family: 'etcd',
      step: 'download',
      bytes: 3 * MIB,
      totalBytes: 10 * MIB,
      elapsedMs: 900,
    },
    'etcd: downloading, 3.0 of 10.0 MiB (0.9 s)',
  ],
  [
    { type: 'progress', family: 'etcd', step: 'download', bytes: 0, totalBytes: 0, elapsedMs: 0 },
    'etcd: downloading, 0.0 MiB (0.0 s)',
  ],
  [{ type: 'progress', family: 'envoy', step: 'download', elapsedMs: 5_000 }, 'envoy: downloading (5.0 s)'],
  [
    { type: 'waiting', families: ['etcd', 'kwok'], holderPid: 41, elapsedMs: 5000 },
    'etcd, kwok: waiting for process 41, which gets them (5.0 s)',
  ],
];

for (const [event, line] of CASES) {
  test(line, () => assert.is(describeEvent(event), line));
}

test.run();
