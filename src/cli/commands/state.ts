import { ExitCode, MeshplanError } from '../../errors/index.js';
import { nearest } from '../../match/nearest.js';
import { type ForgetFact, forgettingOf } from '../../model/abandoned.js';
import type { InterruptedAction, MeshState } from '../../model/state.js';
import {
  acquireLock,
  describeHolder,
  isLockDead,
  openState,
  readLock,
  removeLock,
  runningHolder,
} from '../../state/index.js';
import { type ClusterFlags, stateFileOf } from '../flags.js';
import { printNote, printResult } from '../output.js';
import { loadDeclaration } from '../wiring.js';

export type StateFlags = Pick<ClusterFlags, 'file' | 'overlay' | 'strict' | 'output'> &
  Partial<Pick<ClusterFlags, 'state' | 'env'>>;

const open = async (flags: StateFlags) =>
  openState(stateFileOf(flags), (await loadDeclaration(flags)).mesh.name);

/** `meshplan state list [ADDRESS…]`: the addresses that the state holds, or those that a pattern means. */
export async function stateList(patterns: string[], flags: StateFlags): Promise<ExitCode> {
  const { state } = await open(flags);
  const { matcher } = await import('../../match/globs.js');
  const means = patterns.map(matcher);
  const addresses = Object.keys(state.objects)
    .filter((address) => means.length === 0 || means.some((isMeant) => isMeant(address)))
    .sort();
  if (flags.output === 'json') printResult(JSON.stringify(addresses, null, 2));
  else if (addresses.length > 0) printResult(addresses.join('\n'));
  else if (isNew(state)) printNote(noState(flags));
  else printNote(`${stateFileOf(flags)} holds no object${means.length > 0 ? ' of such an address' : ''}.`);
  return ExitCode.done;
}

/** `meshplan state show [ADDRESS]`: the whole state, or one object of it. */
export async function stateShow(address: string | undefined, flags: StateFlags): Promise<ExitCode> {
  const { state, interrupted } = await open(flags);
  await tellInterrupted(state, interrupted, flags);
  if (address === undefined && isNew(state)) {
    printNote(noState(flags));
    return ExitCode.done;
  }
  const shown = address === undefined ? state : state.objects[address];
  if (!shown) throw unknownAddress(address ?? '', state, flags);
  printResult(JSON.stringify(shown, null, 2));
  return ExitCode.done;
}

/** What the state alone can tell of actions that did not end; a plan looks into the clusters. */
async function tellInterrupted(
  state: MeshState,
  interrupted: readonly InterruptedAction[],
  flags: StateFlags,
): Promise<void> {
  const running = await runningHolder(stateFileOf(flags));
  if (running) {
    printNote(`${running} changes this state now.`);
    return;
  }
  for (const { action, time, phase, objects } of interrupted) {
    const held = objects.filter((address) => state.objects[address] !== undefined).length;
    const [count, what] = phase === 'deleting' ? [objects.length - held, 'gone'] : [held, 'recorded'];
    const fate = objects.length === 0 ? '' : `: ${count} of ${objects.length} objects ${what}`;
    printNote(`${action} was begun at ${time} and did not end${fate}; meshplan plan tells what is there.`);
  }
}

/** What `state forget` drops: one object, or all of a cluster. */
export interface ForgetFlags extends StateFlags {
  cluster?: string;
}

/** `meshplan state forget ADDRESS|--cluster NAME`: drops it from the state; no cluster is touched. */
export async function stateForget(address: string | undefined, flags: ForgetFlags): Promise<ExitCode> {
  const { cluster } = flags;
  if ((address === undefined) === (cluster === undefined)) throw oneToForget();
  const lock = await acquireLock(stateFileOf(flags), { command: 'meshplan state forget' });
  try {
    const file = await open(flags);
    const { facts, told } =
      cluster === undefined
        ? forgettingObject(address ?? '', file.state, flags)
        : forgettingCluster(cluster, file.state, flags);
    for (const fact of facts) await file.journal.record(fact);
    await file.save(file.state);
    await file.journal.close();
    printResult(told);
    return ExitCode.done;
  } finally {
    await lock.release();
  }
}

interface Forgetting {
  facts: ForgetFact[];
  told: string;
}

function forgettingObject(address: string, state: MeshState, flags: StateFlags): Forgetting {
  const known = state.objects[address];
  if (!known) throw unknownAddress(address, state, flags);
  return {
    facts: [{ type: 'object-gone', action: known.action, address }],
    told: `${address} is forgotten. The object stays; its label still shows it as ours.`,
  };
}

function forgettingCluster(cluster: string, state: MeshState, flags: StateFlags): Forgetting {
  const facts = forgettingOf(cluster, state);
  if (facts.length === 0) throw unknownCluster(cluster, state, flags);
  const count = facts.filter((fact) => fact.type === 'object-gone').length;
  return {
    facts,
    told: `${cluster} is forgotten, with ${count} ${count === 1 ? 'object' : 'objects'}. What is in the cluster stays.`,
  };
}

/** `meshplan state unlock`: removes a lock whose holder is certainly gone, or, forced, any. */
export async function stateUnlock(flags: StateFlags & { force: boolean }): Promise<ExitCode> {
  const file = stateFileOf(flags);
  const holder = await readLock(file).catch((error: unknown) => {
    if (flags.force) return undefined;
    throw error;
  });
  if (holder && !flags.force && !(await isLockDead(holder))) {
    throw new MeshplanError('state-locked', `${file}.lock is held by ${describeHolder(holder)}`, {
      hint: `If it certainly no longer runs on ${holder.host}, pass --force.`,
    });
  }
  printResult((await removeLock(file)) ? `${file}.lock is removed.` : `${file} is not locked.`);
  return ExitCode.done;
}

/** Nothing was saved yet; the lineage is one that the next command would not have. */
const isNew = ({ serial, objects }: MeshState) => serial === 0 && Object.keys(objects).length === 0;

const noState = (flags: StateFlags) => `There is no ${stateFileOf(flags)} yet; the first apply makes it.`;

function unknownAddress(address: string, { objects }: MeshState, flags: StateFlags): MeshplanError {
  const close = nearest(address, Object.keys(objects));
  return new MeshplanError('unknown-address', `${stateFileOf(flags)} holds no ${address}`, {
    hint: close ? `Did you mean ${close}?` : 'meshplan state list shows what it holds.',
    exitCode: ExitCode.invalid,
  });
}

const oneToForget = () =>
  new MeshplanError('usage', 'state forget takes an address or --cluster NAME, one of the two', {
    hint: 'meshplan state list shows the addresses.',
    exitCode: ExitCode.invalid,
  });

function unknownCluster(cluster: string, { clusters }: MeshState, flags: StateFlags): MeshplanError {
  const names = Object.keys(clusters);
  return new MeshplanError('unknown-cluster', `${stateFileOf(flags)} knows no cluster ${cluster}`, {
    hint: names.length > 0 ? `It knows ${names.join(', ')}.` : 'It knows none.',
    exitCode: ExitCode.invalid,
  });
}
