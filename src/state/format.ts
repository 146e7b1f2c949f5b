import { ExitCode, MeshplanError } from '../errors/index.js';
import { isMap, type JsonMap, parseMap } from '../model/json.js';
import type { MeshState, StateCertificate, StateCluster, StateObject } from '../model/state.js';

const FORMAT_VERSION = '1';
const PHASES: readonly string[] = ['applying', 'applied', 'deleting'];
const RESTORE_HINT =
  'Put back a good copy, or move the file away: the next plan finds the objects by UID and label.';

/**
 * The state as JSON with sorted keys, so that two versions of it make a readable diff.
 * Every field is picked by name: whatever else an object carries never reaches the file.
 */
export function formatState(state: MeshState): string {
  const { lineage, serial, mesh } = state;
  const clusters = sorted(state.clusters, ({ uid }) => ({ uid }));
  const objects = sorted(state.objects, ({ action, phase, uid }) => ({ action, phase, uid }));
  const certificates = sorted(state.certificates, ({ fingerprint, notAfter }) => ({ fingerprint, notAfter }));
  const formatVersion = FORMAT_VERSION;
  return `${JSON.stringify({ certificates, clusters, formatVersion, lineage, mesh, objects, serial }, null, 2)}\n`;
}

/** Whether two states say the same, their serials aside. */
export function sameContent(one: MeshState, other: MeshState): boolean {
  return formatState({ ...one, serial: 0 }) === formatState({ ...other, serial: 0 });
}

/**
 * Reads what `formatState` wrote. Throws `state-corrupt`, `state-version-unsupported` or `state-foreign`
 * (the state of another mesh), each with exit code 3 and naming `file`.
 */
export function parseState(text: string, file: string, mesh: string): MeshState {
  const raw = parseJson(text, file);
  const version = raw.formatVersion;
  if (typeof version !== 'string') throw corrupt(file, 'formatVersion is missing');
  if (version !== FORMAT_VERSION) {
    throw invalid(
      'state-version-unsupported',
      `${file} has format version ${version}, known is ${FORMAT_VERSION}`,
      {
        hint: 'Use the meshplan release that wrote it, or a later one.',
      },
    );
  }
  const { lineage, serial } = raw;
  if (typeof lineage !== 'string' || lineage === '') throw corrupt(file, 'lineage is missing');
  if (typeof serial !== 'number' || !Number.isSafeInteger(serial) || serial < 0) {
    throw corrupt(file, 'serial is not a whole number');
  }
  if (raw.mesh !== mesh) {
    throw invalid('state-foreign', `${file} is the state of mesh ${String(raw.mesh)}, not of ${mesh}`, {
      hint: 'Name the right file with --state or --env, or set metadata.name back.',
    });
  }
  return {
    formatVersion: FORMAT_VERSION,
    lineage,
    serial,
    mesh,
    clusters: entries(raw.clusters, file, 'clusters', readCluster),
    objects: entries(raw.objects, file, 'objects', readObject),
    certificates: entries(raw.certificates, file, 'certificates', readCertificate),
  };
}

function parseJson(text: string, file: string): JsonMap {
  const parsed = parseMap(text);
  if ('fault' in parsed) throw corrupt(file, parsed.fault);
  return parsed.value;
}

function entries<T>(
  value: unknown,
  file: string,
  field: string,
  read: (entry: Record<string, unknown>) => T | undefined,
): Record<string, T> {
  if (!isMap(value)) throw corrupt(file, `${field} is missing`);
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => {
      const known = isMap(entry) ? read(entry) : undefined;
      if (known === undefined) throw corrupt(file, `${field} has a wrong entry at ${key}`);
      return [key, known];
    }),
  );
}

function readCluster({ uid }: Record<string, unknown>): StateCluster | undefined {
  return typeof uid === 'string' ? { uid } : undefined;
}

function readObject({ uid, phase, action }: Record<string, unknown>): StateObject | undefined {
  const strings = typeof uid === 'string' && typeof action === 'string';
  return strings && isPhase(phase) ? { uid, phase, action } : undefined;
}

function readCertificate({ fingerprint, notAfter }: Record<string, unknown>): StateCertificate | undefined {
  const strings = typeof fingerprint === 'string' && typeof notAfter === 'string';
  return strings ? { fingerprint, notAfter } : undefined;
}

function isPhase(value: unknown): value is StateObject['phase'] {
  return typeof value === 'string' && PHASES.includes(value);
}

function sorted<T, R>(record: Record<string, T>, pick: (value: T) => R): Record<string, R> {
  const pairs = Object.entries(record).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(pairs.map(([key, value]) => [key, pick(value)]));
}

function corrupt(file: string, why: string): MeshplanError {
  return invalid('state-corrupt', `${file} cannot be used: ${why}`, { hint: RESTORE_HINT });
}

function invalid(code: string, message: string, options: { hint: string }): MeshplanError {
  return new MeshplanError(code, message, { ...options, exitCode: ExitCode.invalid });
}
