import { missingForLevel2 } from './setup.mjs';

const LEVELS = {
  1: 'real control planes; nodes and pods are only played',
  2: 'real nodes, pods, sidecars and traffic',
};

/**
 * The level of the lab that the demo starts, and lines that say which, why, and how to get the other. Without
 * a level that was asked for, it is 2 where that runs and nothing has to be built from source for it.
 */
export async function chooseLevel(asked) {
  if (asked) return told(Number(asked), 'you asked for it');
  const missing = await missingForLevel2();
  if (missing) return told(1, `this machine cannot run level 2: ${missing}`);
  const { binariesAtHand } = await import('../dist/lab/binaries/index.js');
  const { downloadable, toBuild } = await binariesAtHand(2);
  if (toBuild.length > 0) {
    return told(1, `it starts sooner here: level 2 has to build from source ${toBuild.join(', ')}`);
  }
  const fetched = downloadable.length > 0 ? `, or downloaded soon (${downloadable.join(', ')})` : '';
  return told(2, `this machine can run it, and its programs are at hand${fetched}`);
}

function told(level, reason) {
  const other = level === 1 ? 2 : 1;
  const text = `Level ${level} of the lab: ${LEVELS[level]}
  why        ${reason}
  the other  npm run demo -- --level ${other}   (${LEVELS[other]})`;
  return { level, text };
}
