import { ExitCode, MeshplanError } from '../errors/index.js';
import type { MeshState, ObjectPhase } from '../model/state.js';
import {
  dropCertificate,
  dropCluster,
  dropObject,
  recordObject,
  setCertificate,
  setClusterUid,
  setPhase,
} from './edit.js';

/** An action is about to start; `objects` are the addresses it may touch. */
export interface BeginEntry {
  type: 'begin';
  time: string;
  action: string;
  phase: 'applying' | 'deleting';
  objects: string[];
}

/** An action is over. `done`: all its objects are as wanted. */
export interface EndEntry {
  type: 'end';
  time: string;
  action: string;
  outcome: 'done' | 'failed';
}

/** One fact learnt while an action runs. Public names only, never a value of an object. */
export type Fact =
  | { type: 'object'; action: string; address: string; uid: string; phase: ObjectPhase }
  | { type: 'object-gone'; action: string; address: string }
  | { type: 'cluster'; cluster: string; uid: string }
  | { type: 'cluster-gone'; cluster: string }
  | { type: 'certificate'; name: string; fingerprint: string; notAfter: string }
  | { type: 'certificate-gone'; name: string };

export type FactEntry = Fact & { time: string };

/** The first line of a journal: which state it continues. */
export interface HeaderEntry {
  type: 'header';
  formatVersion: '1';
  lineage: string;
  mesh: string;
}

export type JournalEntry = BeginEntry | EndEntry | FactEntry;

const FORMAT_VERSION = '1';

/** The only fields that reach the file, per type: an entry that carries more loses it here. */
const FIELDS: Record<JournalEntry['type'] | 'header', readonly string[]> = {
  header: ['type', 'formatVersion', 'lineage', 'mesh'],
  begin: ['type', 'time', 'action', 'phase', 'objects'],
  end: ['type', 'time', 'action', 'outcome'],
  object: ['type', 'time', 'action', 'address', 'uid', 'phase'],
  'object-gone': ['type', 'time', 'action', 'address'],
  cluster: ['type', 'time', 'cluster', 'uid'],
  'cluster-gone': ['type', 'time', 'cluster'],
  certificate: ['type', 'time', 'name', 'fingerprint', 'notAfter'],
  'certificate-gone': ['type', 'time', 'name'],
};

/** One line of the journal, with its line break. */
export function encodeEntry(entry: JournalEntry | HeaderEntry): string {
  return `${JSON.stringify(entry, [...FIELDS[entry.type]])}\n`;
}

/** A journal as read from the disk. */
export interface JournalContent {
  header: HeaderEntry | undefined;
  entries: JournalEntry[];
  /** Bytes up to the end of the last whole line; what follows was torn by a crash. */
  validBytes: number;
}

/**
 * Reads a journal. A last line that a crash tore is left out; anything else that cannot be read throws
 * `journal-corrupt` (exit code 3).
 */
export function decodeJournal(bytes: Buffer, file: string): JournalContent {
  const validBytes = bytes.lastIndexOf('\n') + 1;
  const lines = bytes.subarray(0, validBytes).toString('utf8').split('\n').slice(0, -1);
  const [first, ...rest] = lines.map((line, index) => decodeLine(line, file, index + 1));
  if (first === undefined) return { header: undefined, entries: [], validBytes: 0 };
  if (first.type !== 'header') throw corrupt(file, 1, 'the first line is no header');
  const entries = rest.map((entry, index) => {
    if (entry.type === 'header') throw corrupt(file, index + 2, 'a second header');
    return entry;
  });
  return { header: first, entries, validBytes };
}

/** The state after an entry. Folding an entry twice changes nothing more. */
export function foldEntry(state: MeshState, entry: JournalEntry): MeshState {
  switch (entry.type) {
    case 'begin':
      return entry.objects.reduce((folded, address) => beginObject(folded, address, entry), state);
    case 'end':
      return entry.outcome === 'done' ? settle(state, entry.action) : state;
    case 'object':
      return recordObject(state, entry.address, {
        uid: entry.uid,
        phase: entry.phase,
        action: entry.action,
      });
    case 'object-gone':
      return dropObject(state, entry.address);
    case 'cluster':
      return setClusterUid(state, entry.cluster, entry.uid);
    case 'cluster-gone':
      return dropCluster(state, entry.cluster);
    case 'certificate':
      return setCertificate(state, entry.name, { fingerprint: entry.fingerprint, notAfter: entry.notAfter });
    case 'certificate-gone':
      return dropCertificate(state, entry.name);
  }
}

/** The actions that were begun and not ended, in the order they began. */
export function interruptedActions(entries: readonly JournalEntry[]): BeginEntry[] {
  const open = new Map<string, BeginEntry>();
  for (const entry of entries) {
    if (entry.type === 'begin') open.set(entry.action, entry);
    if (entry.type === 'end') open.delete(entry.action);
  }
  return [...open.values()];
}

/** An object that is applied again belongs to the action that does so, which then also settles it. */
function beginObject(state: MeshState, address: string, { action, phase }: BeginEntry): MeshState {
  const object = state.objects[address];
  if (object === undefined || phase === 'deleting') return setPhase(state, address, phase);
  return recordObject(state, address, { ...object, phase, action });
}

/** What an action was still applying is applied once the action is done. */
function settle(state: MeshState, action: string): MeshState {
  return Object.entries(state.objects)
    .filter(([, object]) => object.action === action && object.phase === 'applying')
    .reduce((folded, [address]) => setPhase(folded, address, 'applied'), state);
}

function decodeLine(line: string, file: string, number: number): JournalEntry | HeaderEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw corrupt(file, number, 'it is not JSON');
  }
  if (!isEntry(value)) throw corrupt(file, number, 'it is no entry of a journal');
  if (value.type === 'header' && value.formatVersion !== FORMAT_VERSION) {
    throw new MeshplanError(
      'journal-version-unsupported',
      `${file} has a format version that this release does not know`,
      { hint: 'Use the meshplan release that wrote it, or a later one.', exitCode: ExitCode.invalid },
    );
  }
  return value;
}

function isEntry(value: unknown): value is JournalEntry | HeaderEntry {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  const { type } = value;
  if (typeof type !== 'string' || !Object.hasOwn(FIELDS, type)) return false;
  const record: Record<string, unknown> = { ...value };
  return FIELDS[type as keyof typeof FIELDS].every((field) =>
    field === 'objects'
      ? Array.isArray(record[field]) && record[field].every((item) => typeof item === 'string')
      : typeof record[field] === 'string',
  );
}

function corrupt(file: string, line: number, why: string): MeshplanError {
  return new MeshplanError('journal-corrupt', `${file}:${line} cannot be used: ${why}`, {
    hint: 'Move the file away: what it recorded is found again by UID and label in the next plan.',
    exitCode: ExitCode.invalid,
  });
}
