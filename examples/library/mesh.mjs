// meshplan from a program: `node mesh.mjs plan`, `apply`, `drift` or `verify`, in the folder of mesh.yaml.
import { acquireLock, apply, collectEvidence, findDrift, Recorder, survey, wire } from 'meshplan';

const [, , what = 'plan'] = process.argv;
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

// Reads mesh.yaml and the state, finds istioctl and the clusters; a mistake in any of them throws.
const open = () => wire({ file: 'mesh.yaml', overlay: [], strict: false });

const ways = {
  async plan(mesh) {
    const { plan } = await survey(mesh.context);
    return { complete: plan.complete, summary: plan.summary, findings: plan.diagnostics };
  },
  async apply(mesh) {
    const found = await survey(mesh.context);
    if (found.plan.diagnostics.some(({ severity }) => severity === 'error')) return found.plan.diagnostics;
    const recorder = new Recorder(mesh.state);
    await recorder.identify(found.plan.clusters.filter(({ reachable }) => reachable));
    const { failures, unsaved } = await apply(mesh.context, found, {
      parallelism: 10,
      signal: stop.signal,
      onEvent: ({ type, action, message }) => console.error(type, action ?? '', message ?? ''),
      recorder,
    });
    return { failed: failures.map(({ action, error }) => `${action}: ${error}`), unsaved };
  },
  async drift(mesh) {
    const { plan } = await findDrift(mesh);
    return plan.drift.map(({ address, rule, by, at }) => ({ address, rule, by, at }));
  },
  async verify(mesh) {
    const { ok, checks } = await collectEvidence(mesh, stop.signal);
    return { ok, notPassed: checks.filter(({ status }) => status !== 'pass') };
  },
};

// Who writes holds the lock, so that nobody else does.
const lock = what === 'apply' ? await acquireLock('meshplan.state.json', { command: 'mesh.mjs' }) : undefined;
try {
  const mesh = await open();
  try {
    console.log(JSON.stringify(await ways[what](mesh), null, 2));
  } finally {
    mesh.close();
  }
} finally {
  await lock?.release();
}
