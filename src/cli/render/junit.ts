import exported, { type Builder } from 'junit-report-builder';
import type { DriftEntry, DriftReport, PendingChange } from '../../model/drift.js';
import { isUnread } from '../../model/plan.js';
import { authorText, whatDiffers } from './drift-text.js';

/** The module is the builder itself, though its types say that it has a `default`. */
const builder = exported as unknown as Builder;

/** One case of the report: an object or an action. */
interface Case {
  cluster: string;
  /** The action that declares it, or `drift` for what none declares. */
  group: string;
  name: string;
  /** Whether it could not be read. */
  isMissing: boolean;
}

/**
 * JUnit XML: a suite for each cluster and in it a case for each object, failed where it differs. An object
 * that could not be read is an error, for nobody knows.
 */
export function driftToJunit({ plan, pending }: DriftReport): string {
  const report = builder.newBuilder();
  report.name(`meshplan drift ${plan.mesh}`);
  const cases = casesOf({ plan, pending, ignored: [] });
  for (const cluster of [...new Set(cases.map((item) => item.cluster))]) {
    const suite = report.testSuite().name(cluster);
    for (const { group, name, isMissing } of cases.filter((item) => item.cluster === cluster)) {
      const testCase = suite.testCase().className(group).name(name);
      const texts = [
        ...plan.drift.filter((entry) => entry.address === name).map(entryText),
        ...pending.filter((change) => change.address === name).map(pendingText),
      ];
      const [first = ''] = texts.join('\n').split('\n');
      if (texts.length > 0) testCase.failure(first, 'drift').stacktrace(texts.join('\n'));
      else if (isMissing) testCase.error('it could not be read', 'unread');
    }
  }
  return report.build();
}

function casesOf({ plan }: DriftReport): Case[] {
  const declared = plan.actions.flatMap((action): Case[] => {
    const base = { cluster: action.cluster, group: action.id };
    if (action.objects.length === 0)
      return [{ ...base, name: action.id, isMissing: action.change === 'unknown' }];
    return action.objects.map(({ address, reason }) => ({
      ...base,
      name: address,
      isMissing: isUnread(reason),
    }));
  });
  const known = new Set(declared.map((item) => item.name));
  const others = [...new Set(plan.drift.map((entry) => entry.address))].filter((name) => !known.has(name));
  return [
    ...declared,
    ...others.map((name) => ({ cluster: name.split('/')[0] ?? '', group: 'drift', name, isMissing: false })),
  ];
}

const entryText = (entry: DriftEntry) =>
  [`${entry.rule} ${authorText(entry)}`.trim(), ...whatDiffers(entry).map((line) => `  ${line}`)].join('\n');

const pendingText = ({ change, fields }: PendingChange) =>
  [`declared, and not applied: ${change}`, ...fields.map((field) => `  ${field}`)].join('\n');
