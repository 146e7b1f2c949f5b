import { compile } from '../../compile/compile.js';
import { survey, surveyDestroy } from '../../engine/survey.js';
import { ExitCode } from '../../errors/index.js';
import type { DesiredAction } from '../../model/action.js';
import type { ResolvedMesh } from '../../model/resolved-mesh.js';
import type { OutputFormat, PlanningFlags } from '../flags.js';
import { colorsFor, printNote, printResult } from '../output.js';
import { renderDiagnostics } from '../render/diagnostics.js';
import { graphToDot } from '../render/graph/dot.js';
import { graphToMermaid } from '../render/graph/mermaid.js';
import { declaredView, type GraphView, planView } from '../render/graph/view.js';
import { loadDeclaration, wire } from '../wiring.js';
import { exitCodeOf, showDiagnostics } from './plan.js';

export interface GraphFlags extends PlanningFlags {
  destroy: boolean;
  /** Of mesh.yaml alone, with no cluster asked. */
  declared: boolean;
}

/** `meshplan graph`: the actions of a plan and their order, as a picture. */
export async function graph(flags: GraphFlags): Promise<ExitCode> {
  if (flags.declared) return showDeclared(flags);
  const wired = await wire(flags);
  try {
    const { plan } = flags.destroy ? await surveyDestroy(wired.context) : await survey(wired.context);
    showDiagnostics(plan, flags);
    printResult(await drawn(planView(plan), flags.output));
    return exitCodeOf(plan, false);
  } finally {
    wired.close();
  }
}

async function showDeclared(flags: GraphFlags): Promise<ExitCode> {
  const { mesh, diagnostics } = await loadDeclaration(flags, false);
  if (diagnostics.length > 0 && !flags.quiet)
    printNote(renderDiagnostics(diagnostics, colorsFor(process.stderr, flags.color), flags.verbose));
  printResult(await drawn(declaredView(mesh, declaredActions(mesh)), flags.output));
  return ExitCode.done;
}

/** Actions and their order depend on no cluster and no chart; only what is in them does. */
const declaredActions = (mesh: ResolvedMesh): DesiredAction[] =>
  compile(mesh, { clusters: {}, addresses: {}, cacerts: {}, readerTokens: {} }, {});

async function drawn(view: GraphView, format: OutputFormat): Promise<string> {
  if (format === 'mermaid') return graphToMermaid(view);
  const dot = graphToDot(view);
  return format === 'svg' ? (await import('../render/graph/svg.js')).dotToSvg(dot) : dot;
}
