import type { BinaryEvent, ProgressEvent, Step, StepEvent } from './types.js';

const USED: Record<Step, string> = {
  folder: 'taken from',
  cache: 'taken from',
  path: 'taken from',
  download: 'downloaded from',
  build: 'built from',
};

/** One plain line for a log, without a line end. */
export function describeEvent(event: BinaryEvent): string {
  switch (event.type) {
    case 'waiting':
      return `${event.families.join(', ')}: waiting for process ${event.holderPid}, which gets them (${seconds(event.elapsedMs)})`;
    case 'progress':
      return `${event.family}: ${describeProgress(event)} (${seconds(event.elapsedMs)})`;
    case 'step':
      return `${event.family}: ${describeStep(event)} (${seconds(event.elapsedMs)})`;
  }
}

function describeStep({ step, outcome, reason }: StepEvent): string {
  if (outcome === 'used') return `${USED[step]} ${reason}`;
  // A failed build carries the compiler's lines; the full text is in the error that ends the run.
  return `${step} ${outcome}: ${reason.split('\n', 1)[0] ?? ''}`;
}

function describeProgress(event: ProgressEvent): string {
  if (event.step === 'download') {
    if (event.bytes === undefined) return 'downloading';
    const total = event.totalBytes ? ` of ${mebibytes(event.totalBytes)}` : '';
    return `downloading, ${mebibytes(event.bytes)}${total} MiB`;
  }
  const parts = ['building'];
  if (event.modules) parts.push(`${event.modules} modules fetched`);
  if (event.packages) parts.push(`${event.packages} packages compiled`);
  return parts.join(', ');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
