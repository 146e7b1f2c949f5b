type Work = () => void;

const works = new Set<Work>();

/**
 * Runs `work` when this process ends, however it ends: after the last test, by an error, on Ctrl-C, or when
 * the runner's time limit sends SIGTERM. The newest work comes first. Only synchronous work is possible then.
 * @returns a function that takes the work off the list, for what was cleaned up already.
 */
export function atEnd(work: Work): () => void {
  works.add(work);
  return () => works.delete(work);
}

process.on('exit', () => {
  for (const work of [...works].reverse()) {
    try {
      work();
    } catch (error) {
      // One failure must not keep the others from their turn.
      console.error('clean-up failed:', error);
    }
  }
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  // For good, not once: a second signal while the clean-up runs must not cut it short. A runner passes on
  // the signal that a terminal or `timeout` has sent to the whole group already.
  process.on(signal, () => process.exit(code));
}
