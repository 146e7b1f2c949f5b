import type { BinaryEvent, ProgressEvent } from './types.js';

/** One plain line for a log, without a line end. */
export function describeEvent(event: BinaryEvent): string {
  switch (event.type) {
    case 'waiting':
      return `${event.families.join(', ')}: waiting for process ${event.holderPid}, which gets them (${seconds(event.elapsedMs)})`;
    case 'progress':
      return `${event.family}: ${describeProgress(event)} (${seconds(event.elapsedMs)})`;
    case 'step': {
      // A failed build carries the compiler's lines; the full text is in the error that ends the run.
      const reason = event.reason.split('\n', 1)[0] ?? '';
      const verb = event.outcome === 'used' ? 'found' : event.outcome;
      return `${event.family}: ${event.step} ${verb}: ${reason} (${seconds(event.elapsedMs)})`;
    }
  }
}

function describeProgress(event: ProgressEvent): string {
  if (event.step === 'download') {
    const total = event.totalBytes ? ` of ${mebibytes(event.totalBytes)}` : '';
    return `downloading, ${mebibytes(event.bytes ?? 0)}${total} MiB`;
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
