import { isMap, parseMap } from '../model/json.js';
import { digestOf } from '../saved/canonical.js';
import type { ProofReport } from './report.js';

const FORMAT_VERSION = '1';

/** The file's text, with what people look at first, and its digest. */
export function formatReport(content: Omit<ProofReport, 'formatVersion' | 'digest'>): {
  text: string;
  digest: string;
} {
  const { mesh, environment, time, state, versions, clusters, checks, objects } = content;
  const told = {
    mesh,
    ...(environment === undefined ? {} : { environment }),
    time,
    state,
    versions,
    clusters,
    checks,
    objects,
  };
  const digest = digestOf({ formatVersion: FORMAT_VERSION, ...told });
  const file = { formatVersion: FORMAT_VERSION, digest, ...told };
  return { text: `${JSON.stringify(file, null, 2)}\n`, digest };
}

/** What `formatReport` wrote, or why a text is not that: the end of a sentence that begins with the file. */
export function parseReport(text: string): { report: ProofReport } | { fault: string } {
  const parsed = parseMap(text);
  if ('fault' in parsed) return { fault: `cannot be used: ${parsed.fault}` };
  const { digest, ...content } = parsed.value;
  const { formatVersion } = content;
  if (typeof digest !== 'string' || typeof formatVersion !== 'string')
    return { fault: 'is no report: formatVersion and digest are missing' };
  if (formatVersion !== FORMAT_VERSION)
    return { fault: `has format version ${formatVersion}, known is ${FORMAT_VERSION}` };
  const found = digestOfRead(content);
  if (found !== digest) return { fault: `was changed after it was written: its digest does not fit` };
  if (!hasShape(content)) return { fault: 'cannot be used: a part of it is missing' };
  return { report: parsed.value as unknown as ProofReport };
}

/** JSON may be nested deeper than it can be walked. */
function digestOfRead(content: Record<string, unknown>): string | undefined {
  try {
    return digestOf(content);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The digest guards what was written; this keeps out what another program made up. */
function hasShape({ mesh, time, state, clusters, checks, objects }: Record<string, unknown>): boolean {
  const isList = (value: unknown) => Array.isArray(value) && value.every(isMap);
  return (
    typeof mesh === 'string' &&
    typeof time === 'string' &&
    !Number.isNaN(Date.parse(time)) &&
    isMap(state) &&
    typeof state.lineage === 'string' &&
    typeof state.serial === 'number' &&
    isList(clusters) &&
    (clusters as Record<string, unknown>[]).every(({ name, role, primary, network, uid }) =>
      [name, role, primary, network, uid].every((value) => typeof value === 'string'),
    ) &&
    isList(checks) &&
    isMap(objects) &&
    Object.values(objects).every(isMap)
  );
}
