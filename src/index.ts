export { apply } from './apply/apply.js';
export { Recorder, type StateStore } from './apply/recorder.js';
export { standingOf } from './apply/standing.js';
export { findDrift } from './cli/commands/drift.js';
export { collectTraffic, withTraffic } from './cli/commands/traffic.js';
export { collectEvidence } from './cli/commands/verify.js';
export { type Wired, type WireFlags, wire } from './cli/wiring.js';
export { type ChartInput, type Charts, chartInputs } from './compile/charts.js';
export { compile } from './compile/compile.js';
export { type LoadedMesh, type LoadOptions, loadMesh, schemaText } from './config/index.js';
export type { CertificateIssuer, Context, Survey } from './engine/context.js';
export { savePlan, surveySaved } from './engine/saved.js';
export { survey, surveyDestroy } from './engine/survey.js';
export {
  ApiError,
  ExitCode,
  InvalidInputError,
  MeshplanError,
  UnreachableError,
} from './errors/index.js';
export { kustomizeBy } from './kustomize/index.js';
export type { DesiredAction, DesiredObject } from './model/action.js';
export type { Diagnostic, SourceRange } from './model/diagnostic.js';
export type { DriftEntry, DriftReport } from './model/drift.js';
export type { ApplyEvent, ApplyResult } from './model/events.js';
export type { Facts } from './model/facts.js';
export type { Cluster, KubeObject } from './model/kube.js';
export type { MeshFile } from './model/mesh.js';
export type { Plan, PlannedAction, PlannedObject } from './model/plan.js';
export type { ClusterProxies, ProxyStatus } from './model/proxies.js';
export type { PlanRequest } from './model/request.js';
export type { ResolvedMesh } from './model/resolved-mesh.js';
export type { Standing, StandingPoint } from './model/standing.js';
export type { MeshState } from './model/state.js';
export type { TrafficCell, TrafficReport } from './model/traffic.js';
export type { Check, VerifyReport } from './model/verify.js';
export { parseSavedPlan } from './saved/format.js';
export { requestFor } from './saved/request.js';
export type { SavedPlan } from './saved/saved-plan.js';
export { acquireLock, openState, type StateFile } from './state/index.js';
export { type VerifyInput, verifyMesh } from './verify/index.js';
