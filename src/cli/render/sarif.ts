import { isAbsolute, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Location, Log, Notification, ReportingDescriptor, Result } from 'sarif';
import type { Diagnostic, SourceRange } from '../../model/diagnostic.js';
import { DRIFT_RULES, type DriftEntry, type DriftReport, type DriftRule } from '../../model/drift.js';
import { version } from '../program/shared.js';
import { authorText, whatDiffers } from './drift-text.js';

/** What each rule finds, for the reader of a code scanning page. */
const RULES: Record<DriftRule | 'pending', string> = {
  changed: 'A declared field was changed outside meshplan',
  deleted: 'A declared object was deleted outside meshplan',
  replaced: 'A declared object was deleted and made anew outside meshplan',
  added: 'Others added fields to a declared object',
  'root-replaced': 'A cluster has another root certificate than the mesh',
  'ca-broken': 'istiod cannot use the certificate authority of a cluster',
  'certificate-ends': 'A certificate of the mesh ends soon',
  'token-ends': 'A token of istiod or Kiali ends soon',
  'token-rotated': 'istiod or Kiali holds another token than the cluster has',
  'address-moved': 'The load balancer of istiod answers another address than remotes were given',
  'ca-bundle': 'A webhook trusts another root than that of the mesh',
  'orphaned-secret': 'istiod reads a cluster that is not declared',
  'not-synced': 'istiod has not read a cluster',
  'istiod-down': 'No pod of istiod is ready',
  'foreign-rule': 'Somebody else has a traffic rule for a declared host',
  'fenced-cluster': 'A fenced cluster answers again',
  pending: 'The declaration has not been applied',
};

/** Rules by which calls fail already or trust is broken. */
const ERRORS: ReadonlySet<string> = new Set([
  'root-replaced',
  'ca-broken',
  'ca-bundle',
  'not-synced',
  'istiod-down',
  'token-rotated',
]);

/** SARIF 2.1.0: each difference at the line of mesh.yaml that declares the thing, relative to `folder`. */
export function driftToSarif({ plan, pending }: DriftReport, folder: string, meshFile: string): string {
  const start: SourceRange = { file: meshFile, line: 1, column: 1 };
  const at = (source: SourceRange | undefined) => locationOf(source ?? start, folder);
  const results: Result[] = [
    ...plan.drift.map((entry) => resultOf(entry.rule, entry.address, entryText(entry), at(entry.source))),
    ...pending.map(({ action, address, change, fields }) => {
      const what = fields.length > 0 ? ` of ${fields.join(', ')}` : '';
      const message = `${address}: declared, and not applied (${change}${what})`;
      return resultOf('pending', address, message, at(action.source));
    }),
  ];
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'meshplan', version: version(), rules: rules() } },
        invocations: [
          {
            executionSuccessful: plan.complete && plan.diagnostics.every((item) => item.severity !== 'error'),
            toolExecutionNotifications: plan.diagnostics.map((item) => notificationOf(item, folder)),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results,
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

const ruleIds = [...DRIFT_RULES, 'pending'] as const;

const levelOf = (rule: string) =>
  rule === 'pending' || rule === 'added' ? 'note' : ERRORS.has(rule) ? 'error' : 'warning';

const rules = (): ReportingDescriptor[] =>
  ruleIds.map((id) => ({
    id: `drift/${id}`,
    shortDescription: { text: RULES[id] },
    defaultConfiguration: { level: levelOf(id) },
  }));

function resultOf(
  rule: (typeof ruleIds)[number],
  address: string,
  message: string,
  location: Location,
): Result {
  return {
    ruleId: `drift/${rule}`,
    ruleIndex: ruleIds.indexOf(rule),
    level: levelOf(rule),
    message: { text: message },
    locations: [{ ...location, logicalLocations: [{ fullyQualifiedName: address, kind: 'resource' }] }],
    // The same difference on another day, though mesh.yaml has moved it to another line.
    partialFingerprints: { 'meshplanAddress/v1': `${rule} ${address}` },
  };
}

const entryText = (entry: DriftEntry) =>
  [`${entry.address} ${authorText(entry)}`.trim(), ...whatDiffers(entry)].join('\n');

/** Relative where the file lies below the folder, as code scanning wants it; else by its full URL. */
function locationOf({ file, line, column }: SourceRange, folder: string): Location {
  const path = relative(folder, resolve(folder, file));
  const isInside = path !== '' && !path.startsWith('..') && !isAbsolute(path);
  const uri = isInside
    ? path.split(/[\\/]/).map(encodeURIComponent).join('/')
    : pathToFileURL(resolve(folder, file)).href;
  return {
    physicalLocation: {
      artifactLocation: { uri, ...(isInside ? { uriBaseId: '%SRCROOT%' } : {}) },
      region: { startLine: line, startColumn: column },
    },
  };
}

function notificationOf({ severity, code, message, hint, file, line, column }: Diagnostic, folder: string) {
  const notification: Notification = {
    level: severity,
    descriptor: { id: code },
    message: { text: hint ? `${message}\n${hint}` : message },
  };
  if (file !== undefined)
    notification.locations = [locationOf({ file, line: line ?? 1, column: column ?? 1 }, folder)];
  return notification;
}
