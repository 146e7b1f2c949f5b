import { messageOf } from '../../errors/index.js';
import { type AnalysisFinding, type AnalysisReading, readAnalysis } from '../analysis.js';
import { primariesOf, remotesOf, type VerifyContext } from '../context.js';
import { type CheckSpec, type Outcome, pass, skip, unsettled, warn } from '../outcome.js';
import { describeRights, missingRights, type Right, rights } from '../reader-rights.js';

/** Findings that pods which are just starting explain. */
const PASSING = new Set(['IST0103', 'IST0127', 'IST0173']);

const MOST_TOLD = 10;

/** `istioctl analyze` waits without an end for what it may not list, so it is not asked then. */
const RIGHTS: readonly Right[] = [
  ...['namespaces', 'nodes', 'pods', 'secrets', 'services'].flatMap((name) => rights('', name, ['list'])),
];
const RIGHTS_ON_PRIMARY: readonly Right[] = [
  ...RIGHTS,
  ...rights('', 'configmaps', ['list']),
  ...rights('apps', 'deployments', ['list']),
  ...rights('networking.istio.io', 'virtualservices', ['list']),
  ...rights('apiextensions.k8s.io', 'customresourcedefinitions', ['list']),
  ...rights('admissionregistration.k8s.io', 'mutatingwebhookconfigurations', ['list']),
  ...rights('admissionregistration.k8s.io', 'validatingwebhookconfigurations', ['list']),
];

/**
 * Per primary: a second opinion on what its istiod reads, by Istio's own analyzers over the primary and its
 * remotes. That it cannot be asked says nothing of the mesh.
 */
export function analysis(context: VerifyContext): CheckSpec[] {
  const { analyze, mesh } = context;
  if (!analyze) return [];
  return primariesOf(mesh).map(({ name }) => {
    const remotes = remotesOf(mesh, name).map((remote) => remote.name);
    const all = [name, ...remotes];
    return {
      id: 'analyze',
      cluster: name,
      claim: `\`istioctl analyze\` finds no fault in ${all.join(', ')}`,
      needs: all,
      async run() {
        try {
          const lacking = await rightsThatLack(context, name, remotes);
          if (lacking) return skip(lacking);
          const answer = await analyze(name, remotes, context.signal);
          return 'unasked' in answer ? skip(answer.unasked) : judgeAnalysis(readAnalysis(answer, mesh));
        } catch (error) {
          context.signal?.throwIfAborted();
          return skip(messageOf(error));
        }
      },
    };
  });
}

async function rightsThatLack(
  context: VerifyContext,
  primary: string,
  remotes: string[],
): Promise<string | undefined> {
  const answers = await Promise.all(
    [primary, ...remotes].map(async (name) => {
      const cluster = { request: context.request.bind(context, name) };
      const wanted = name === primary ? RIGHTS_ON_PRIMARY : RIGHTS;
      const missing = await missingRights(cluster, context.signal, wanted);
      return missing.length > 0 ? [`${name}: your user may not ${describeRights(missing)}`] : [];
    }),
  );
  return answers.flat().join('. ') || undefined;
}

/**
 * What concerns the mesh is a warning, Istio's errors too: its analyzers judge what objects say, and some take for
 * an error what proxies do well (IST0112: a second port that somebody adds to a Service). Whether the mesh works is
 * for the other checks to tell.
 */
export function judgeAnalysis({ findings, declaredEmpty }: AnalysisReading): Outcome {
  const left =
    declaredEmpty > 0
      ? [`${declaredEmpty} more, of subsets without pods, left to the lint rule empty-subset`]
      : [];
  if (findings.length === 0) return pass(['nothing found', ...left].join('; '));
  const told = describe(findings);
  const rest = told.length > MOST_TOLD ? [`and ${told.length - MOST_TOLD} more`] : [];
  const evidence = [...told.slice(0, MOST_TOLD), ...rest, ...left].join('\n');
  const urls = new Set(findings.flatMap(({ documentationUrl }) => documentationUrl ?? []));
  const hint = urls.size > 0 ? `See ${[...urls].join(', ')}` : 'See the message.';
  const outcome = warn(evidence, hint);
  return findings.every(({ code }) => PASSING.has(code)) ? unsettled(outcome) : outcome;
}

/** One line for each message; Istio repeats some for every object that has a part in them. */
function describe(findings: AnalysisFinding[]): string[] {
  const addresses = new Map<string, string[]>();
  const gravestFirst = [...findings].sort((a, b) => a.level.localeCompare(b.level));
  for (const { address, code, level, message } of gravestFirst) {
    const text = `${message} (${level}, ${code})`;
    addresses.set(text, [...(addresses.get(text) ?? []), address]);
  }
  return [...addresses].map(([text, list]) => `${list.join(', ')}: ${text}`);
}
