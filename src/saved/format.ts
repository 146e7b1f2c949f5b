import { basename, isAbsolute } from 'node:path';
import { ExitCode, MeshplanError } from '../errors/index.js';
import { isMap, type JsonMap, parseMap } from '../model/json.js';
import type { PlanJson } from '../plan/plan-json.js';
import { digestOf } from './canonical.js';
import { readRequest } from './request.js';
import type { SavedPlan } from './saved-plan.js';

const FORMAT_VERSION = '1';

/** The file's text, with what people look at first. Every field is picked by name, as in the state. */
export function formatSavedPlan(saved: Omit<SavedPlan, 'formatVersion' | 'digest'>): {
  text: string;
  digest: string;
} {
  const { plan, request, inputs, state, root, declaration, basis } = saved;
  const content = { plan: withoutFolders(plan), request, inputs, state, root, declaration, basis };
  const digest = digestOf({ formatVersion: FORMAT_VERSION, ...content });
  const file = { formatVersion: FORMAT_VERSION, digest, ...content };
  return { text: `${JSON.stringify(file, null, 2)}\n`, digest };
}

/** Names files as they are called, not where they lie on this machine. */
function withoutFolders(plan: PlanJson): PlanJson {
  const nameOf = (file: string) => (isAbsolute(file) ? basename(file) : file);
  const named = <Item extends { file?: string }>(item: Item): Item =>
    item.file ? { ...item, file: nameOf(item.file) } : item;
  return {
    ...plan,
    overlays: plan.overlays.map(nameOf),
    diagnostics: plan.diagnostics.map(named),
    ...(plan.waived ? { waived: plan.waived.map(named) } : {}),
  };
}

/**
 * Reads what `formatSavedPlan` wrote. Throws `plan-file-corrupt` or `plan-version-unsupported`, each with
 * exit code 3 and naming `file`.
 */
export function parseSavedPlan(text: string, file: string): SavedPlan {
  const raw = parseJson(text, file);
  const { digest, formatVersion } = raw;
  if (typeof formatVersion !== 'string' || typeof digest !== 'string') {
    throw corrupt(file, 'formatVersion and digest are missing, so it is no saved plan');
  }
  if (formatVersion !== FORMAT_VERSION) {
    throw invalid(
      'plan-version-unsupported',
      `${file} has format version ${formatVersion}, known is ${FORMAT_VERSION}`,
      'Apply it with the meshplan release that wrote it, or plan again.',
    );
  }
  const { digest: _, ...content } = raw;
  const found = digestOfRead(content, file);
  if (found !== digest) {
    throw corrupt(file, `it was changed after it was written (digest ${found}, and it says ${digest})`);
  }
  if (!hasShape(raw)) throw corrupt(file, 'a part of it is missing');
  return { ...raw, request: readRequest(raw.request, file) };
}

/** JSON may be nested deeper than it can be walked. */
function digestOfRead(content: Record<string, unknown>, file: string): string {
  try {
    return digestOf(content);
  } catch (error) {
    if (error instanceof RangeError) throw corrupt(file, 'it is nested too deeply');
    throw error;
  }
}

/** The digest guards what was written; this keeps out what another program made up. */
function hasShape(raw: Record<string, unknown>): raw is Record<string, unknown> & SavedPlan {
  const { plan, request, inputs, state, declaration, basis } = raw;
  const maps = [plan, request, inputs, state, declaration, basis];
  if (!maps.every(isMap) || !isMap(plan)) return false;
  const { mesh, mode, clusters, actions } = plan;
  return (
    typeof mesh === 'string' &&
    (mode === 'apply' || mode === 'destroy') &&
    Array.isArray(clusters) &&
    Array.isArray(actions) &&
    actions.every((action) => isMap(action) && Array.isArray(action.objects))
  );
}

function parseJson(text: string, file: string): JsonMap {
  const parsed = parseMap(text);
  if ('value' in parsed) return parsed.value;
  const hint = 'Name a file that meshplan plan --out wrote; a mesh file is named by --file.';
  throw corrupt(file, parsed.fault, hint);
}

const corrupt = (file: string, why: string, hint = 'Make it anew: meshplan plan --out FILE.') =>
  invalid('plan-file-corrupt', `${file} cannot be applied: ${why}`, hint);

function invalid(code: string, message: string, hint: string): MeshplanError {
  return new MeshplanError(code, message, { hint, exitCode: ExitCode.invalid });
}
