import { suggestion } from '../../match/nearest.js';
import type { MeshFile } from '../../model/mesh.js';
import type { ProofRequirement, ResolvedEnvironment } from '../../model/resolved-mesh.js';
import { defaults } from '../defaults.js';
import type { MeshSource } from './mesh-source.js';
import { userPath } from './user-path.js';

type Environments = NonNullable<MeshFile['spec']['environments']>;
type Requires = NonNullable<Environments[string]['requires']>;

/**
 * The environment in force, where the mesh file declares any. `meshOf` tells the mesh ID of an environment, which
 * its overlays may change.
 */
export async function resolveEnvironment(
  source: MeshSource,
  name: string | undefined,
  meshOf: (environment: string) => Promise<string | undefined>,
): Promise<ResolvedEnvironment | undefined> {
  const { environments } = source.spec;
  if (environments === undefined) return undefined;
  const known = Object.keys(environments);
  for (const [own, { requires }] of Object.entries(environments))
    if (requires) checkRequired(source, own, requires, environments, known);
  const chosen = name === undefined ? undefined : environments[name];
  if (name === undefined || chosen === undefined) return undefined;
  const others = known
    .filter((other) => other !== name)
    .map(async (other) => ({ name: other, mesh: (await meshOf(other)) ?? source.name }));
  const { requires } = chosen;
  return {
    name,
    others: await Promise.all(others),
    ...(requires ? { requires: toRequirement(source, name, requires) } : {}),
  };
}

function checkRequired(
  source: MeshSource,
  own: string,
  { environment }: Requires,
  environments: Environments,
  known: readonly string[],
): void {
  const place = source.at('environments', own, 'requires', 'environment');
  if (!known.includes(environment)) {
    const message = `there is no environment \`${environment}\` in this file`;
    source.findings.error('unknown-environment', place, message, suggestion(environment, known));
    return;
  }
  const passed = new Set<string>();
  for (let next: string | undefined = environment; next !== undefined && !passed.has(next); ) {
    if (next === own) {
      const message = `\`${own}\` requires itself${environment === own ? '' : `, by way of \`${environment}\``}`;
      const hint = 'one environment has to need no other: that is where changes begin';
      source.findings.error('environment-cycle', place, message, hint);
      return;
    }
    passed.add(next);
    next = environments[next]?.requires?.environment;
  }
}

function toRequirement(
  source: MeshSource,
  name: string,
  { environment, report, maxAge = defaults.maxAge, lineage, except = [] }: Requires,
): ProofRequirement {
  return {
    environment,
    report: { path: userPath(source.folder, report), shown: report },
    maxAgeHours: Number(maxAge.slice(0, -1)) * (maxAge.endsWith('d') ? 24 : 1),
    ...(lineage === undefined ? {} : { lineage }),
    except: except.map(({ address, pointers }) => ({ address, ...(pointers ? { pointers } : {}) })),
    source: source.keyAt('environments', name, 'requires'),
  };
}
