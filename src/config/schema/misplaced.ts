import { nearest, suggestion } from '../../match/nearest.js';
import type { Path } from '../yaml/source-node.js';
import { showPath } from '../yaml/source-node.js';
import { schemaText } from './text.js';

/** The parts of the schema by which a key is looked for. */
export interface SchemaMap {
  $ref?: string;
  properties?: Record<string, SchemaMap>;
  additionalProperties?: SchemaMap | boolean;
  items?: SchemaMap;
}

/** Fields that Istio, Kubernetes and kustomize call otherwise, with their name here. */
const OTHER_NAMES: Record<string, string> = {
  uri: 'path',
  http: 'routes',
  route: 'to',
  mirror: 'mirrors',
  mirrorPercentage: 'mirrors[].percent',
  matchLabels: 'labels',
  hosts: 'host',
  file: 'manifests',
  path: 'manifests',
  resources: 'manifests',
  clusterSelector: 'clusters',
  selector: 'clusters',
  patch: 'merge',
  jsonPatch: 'json',
  rev: 'revision',
  replicaCount: 'replicas',
  loadBalancerSourceRanges: 'allowFrom',
};

const OWN_RULE =
  'spec.traffic has no field for it: bring rules of your own as manifests in place of this entry';

/** What stands in Istio's rules and has no field of one name here. */
const ELSEWHERE: Record<string, string> = {
  trafficPolicy: 'its fields stand here themselves: outlierDetection, connectionPool, loadBalancer, tls',
  localityLbSetting: 'write `failover` or `distribute` beside the others of this host',
  destination: 'write its `subset` here; the host is that of the entry',
  withoutHeaders: OWN_RULE,
  rewrite: OWN_RULE,
  redirect: OWN_RULE,
  corsPolicy: OWN_RULE,
  exportTo: OWN_RULE,
  portLevelSettings: OWN_RULE,
};

/** The field of a map that an unknown key of it most likely means; undefined where none is near. */
export function meantKey(key: string, properties: Record<string, unknown>): string | undefined {
  const name = OTHER_NAMES[key]?.split('[')[0];
  return name !== undefined && Object.hasOwn(properties, name) ? name : nearest(key, Object.keys(properties));
}

/** What to do about a key that is unknown in the map at `path`. */
export function keyHint(key: string, path: Path, part: SchemaMap): string {
  const properties = part.properties ?? {};
  const name = OTHER_NAMES[key];
  if (name !== undefined && meantKey(key, properties) === name.split('[')[0]) return `here it is \`${name}\``;
  const names = Object.keys(properties);
  if (nearest(key, names) !== undefined) return suggestion(key, names);
  if (ELSEWHERE[key] !== undefined && path[1] === 'traffic') return ELSEWHERE[key];
  const root = JSON.parse(schemaText()) as SchemaMap & { definitions: Record<string, SchemaMap> };
  const resolve = (schema: SchemaMap): SchemaMap =>
    schema.$ref === undefined ? schema : (root.definitions[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  return inside(key, part, resolve) ?? around(key, path, root, resolve) ?? suggestion(key, names);
}

type Resolve = (schema: SchemaMap) => SchemaMap;

/** A key that was written one level too high. */
function inside(key: string, part: SchemaMap, resolve: Resolve): string | undefined {
  const homes = Object.entries(part.properties ?? {}).flatMap(([name, child]) => {
    const map = resolve(child);
    if (Object.hasOwn(map.properties ?? {}, key)) return [name];
    return map.items && Object.hasOwn(resolve(map.items).properties ?? {}, key) ? [`${name}[]`] : [];
  });
  return homes.length === 1 ? `it belongs to \`${homes[0]}\`` : undefined;
}

/** A key that was written too deep. */
function around(key: string, path: Path, root: SchemaMap, resolve: Resolve): string | undefined {
  let schema: SchemaMap = root;
  const maps = path.map((step) => {
    const map = schema;
    schema = resolve(childOf(map, step));
    return map;
  });
  const level = maps.findLastIndex(({ properties }) => Object.hasOwn(properties ?? {}, key));
  if (level < 0) return undefined;
  const home = showPath(path.slice(0, level)) || 'the file itself';
  return `it belongs to ${home}: mind the indentation`;
}

function childOf(schema: SchemaMap, step: string | number): SchemaMap {
  if (schema.items !== undefined && schema.properties?.[step] === undefined) return schema.items;
  const further = schema.additionalProperties;
  return schema.properties?.[step] ?? (typeof further === 'object' ? further : {});
}
