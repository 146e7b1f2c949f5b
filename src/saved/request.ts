import { ExitCode, MeshplanError } from '../errors/index.js';
import { IMPACTS, type Impact } from '../model/action.js';
import type { PlanRequest } from '../model/request.js';

/** How each part of a request looks in JSON. */
const PARTS: { [Part in keyof Required<PlanRequest>]: (value: unknown) => boolean } = {
  targets: isNames,
  excludes: isNames,
  maxImpact: (value) => IMPACTS.some((impact) => impact === value),
  abandon: isNames,
  adopt: (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
};

/** The request of a file. @throws `plan-version-unsupported` where a later release asked what this one cannot. */
export function readRequest(raw: object, file: string): PlanRequest {
  for (const [part, value] of Object.entries(raw)) {
    if (Object.hasOwn(PARTS, part) && PARTS[part as keyof PlanRequest](value)) continue;
    throw new MeshplanError('plan-version-unsupported', `${file} was made with a ${part} that is not known`, {
      hint: 'Apply it with the meshplan release that wrote it, or plan again.',
      exitCode: ExitCode.invalid,
    });
  }
  return raw;
}

/** What an apply of the file is asked: the same, and no more impact than either permits. */
export function requestFor(saved: PlanRequest, maxImpact: Impact | undefined): PlanRequest {
  const limits = [saved.maxImpact, maxImpact].filter((limit) => limit !== undefined);
  const [lowest] = limits.sort((one, other) => IMPACTS.indexOf(one) - IMPACTS.indexOf(other));
  return lowest === undefined ? saved : { ...saved, maxImpact: lowest };
}

function isNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
