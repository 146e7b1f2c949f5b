import { access } from 'node:fs/promises';
import { ExitCode, MeshplanError, messageOf } from '../../errors/index.js';
import { type ContextEntry, readContexts } from '../../kube/contexts.js';
import { connectClusters } from '../../kube/kubeconfig.js';
import { isLoopback } from '../../kube/loopback.js';
import type { Cluster } from '../../model/kube.js';
import { askContexts, askName, isAbandoned } from '../init/ask.js';
import { choicesOf } from '../init/choices.js';
import { type Choice, type Draft, draftOf } from '../init/draft.js';
import { placeFile } from '../init/place-file.js';
import { type ClusterReading, readCluster } from '../init/read.js';
import { meshText } from '../init/text.js';
import { colorsFor, printNote, printResult } from '../output.js';
import { renderDiagnostics } from '../render/diagnostics.js';
import { istioctls, loadDeclaration } from '../wiring.js';

export interface InitFlags {
  file: string;
  context: string[];
  name?: string;
  istioVersion?: string;
  kubeconfig?: string;
  istioctl?: string;
  force: boolean;
  output: 'text' | 'json';
  color: boolean;
  quiet: boolean;
}

/** `-f -` writes to stdout. */
const STDOUT = '-';

/** `meshplan init`: a commented mesh file from the contexts of the kubeconfig. */
export async function init(flags: InitFlags): Promise<ExitCode> {
  // Nobody answers questions for a file that may not be written.
  if (!flags.force && flags.file !== STDOUT && (await exists(flags.file))) throw fileExists(flags.file);
  try {
    return await write(await draft(flags), flags);
  } catch (error) {
    if (!isAbandoned(error)) throw error;
    printNote('Interrupted. Nothing was written.');
    return ExitCode.interrupted;
  }
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

async function draft(flags: InitFlags): Promise<Draft> {
  const contexts = await readContexts(flags.kubeconfig);
  const asks = flags.context.length === 0 && isInteractive();
  const choices = asks ? await askContexts(contexts) : chosen(flags, contexts);
  const readings = await readAll(
    choices.map(({ context }) => context),
    contexts,
    flags,
  );
  const found = {
    choices: withoutTwins(choices, readings),
    readings,
    mesh: flags.name,
    istioVersion: flags.istioVersion,
    istioctlVersion: await istioctlVersion(flags.istioctl),
  };
  const first = draftOf(found);
  return asks && flags.name === undefined ? draftOf({ ...found, mesh: await askName(first.mesh) }) : first;
}

/** A question needs a person at both ends. */
const isInteractive = () =>
  process.stdin.isTTY === true && process.stderr.isTTY === true && process.env.CI !== 'true';

function chosen(flags: InitFlags, contexts: ContextEntry[]): Choice[] {
  if (flags.context.length > 0) return choicesOf(flags.context, contexts);
  if (contexts.length === 0) {
    throw new MeshplanError('context-missing', 'the kubeconfig has no context at all', {
      hint: 'Pass another --kubeconfig or set KUBECONFIG.',
      exitCode: ExitCode.invalid,
    });
  }
  if (!flags.quiet && contexts.length > 1) {
    printNote(
      'All contexts of the kubeconfig are taken, the first as the primary; --context says otherwise.',
    );
  }
  return contexts.map(({ name }) => ({ context: name }));
}

async function readAll(
  names: string[],
  contexts: ContextEntry[],
  { kubeconfig }: InitFlags,
): Promise<Map<string, ClusterReading>> {
  const readings = names.map(async (context): Promise<ClusterReading> => {
    const server = contexts.find(({ name }) => name === context)?.server ?? '';
    try {
      const connections = await connectClusters([{ name: context, context }], kubeconfig);
      const connection = connections.get(context);
      if (!connection) throw new Error('it has no connection');
      const loopback = isLoopback(server) && !connection.loopbackAllowed;
      try {
        return await readCluster(hurried(connection.cluster), { context, loopback });
      } finally {
        connection.cluster.close();
      }
    } catch (error) {
      const loopback = isLoopback(server);
      return { context, server, loopback, error: messageOf(error), regions: [], zones: [], podCidrs: [] };
    }
  });
  return new Map((await Promise.all(readings)).map((reading) => [reading.context, reading]));
}

const TIMEOUT_MS = 5_000;

/** Who starts a file does not wait long for a cluster that may be gone. */
const hurried = (cluster: Cluster): Cluster => ({
  ...cluster,
  request: (path, options) => cluster.request(path, { timeoutMs: TIMEOUT_MS, ...options }),
});

/** Two contexts that lead to one cluster, as two users of it do, are one cluster of the mesh. */
function withoutTwins(choices: Choice[], readings: Map<string, ClusterReading>): Choice[] {
  const seen = new Map<string, string>();
  return choices.filter(({ context }) => {
    const uid = readings.get(context)?.uid;
    const twin = uid === undefined ? undefined : seen.get(uid);
    if (twin !== undefined) printNote(`${context} is left out: it leads to the same cluster as ${twin}.`);
    if (uid !== undefined && twin === undefined) seen.set(uid, context);
    return twin === undefined;
  });
}

/** Of the istioctl that comes first; undefined where there is none, for the file can be written without. */
async function istioctlVersion(named: string | undefined): Promise<string | undefined> {
  try {
    for await (const { version } of istioctls(named)) return version;
  } catch (error) {
    if (named !== undefined) throw error;
  }
  return undefined;
}

async function write(found: Draft, flags: InitFlags): Promise<ExitCode> {
  const { file } = flags;
  const text = meshText(found);
  if (file === STDOUT) {
    printResult(text);
    return ExitCode.done;
  }
  if ((await placeFile(file, text, flags.force)) === 'exists') throw fileExists(file);
  const { diagnostics } = await loadDeclaration({ file, overlay: [], strict: false });
  if (flags.output === 'json') printResult(JSON.stringify({ file, ...found }, null, 2));
  else printResult(`${file} is written: mesh ${found.mesh} of ${listed(found)}.`);
  if (flags.quiet) return ExitCode.done;
  for (const { name, notes } of found.clusters) for (const note of notes) printNote(`${name}: ${note}`);
  if (diagnostics.length > 0)
    printNote(renderDiagnostics(diagnostics, colorsFor(process.stderr, flags.color)));
  printNote('Read it through, for it holds guesses; then meshplan plan shows what it would do.');
  return ExitCode.done;
}

const listed = ({ clusters }: Draft) => clusters.map(({ name, role }) => `${name} (${role})`).join(', ');

const fileExists = (file: string) =>
  new MeshplanError('file-exists', `${file} is there already`, {
    hint: 'Name another file with --file, or pass --force to write over it.',
    exitCode: ExitCode.invalid,
  });
