import type { Draft, DraftCluster } from './draft.js';

/** The mesh file, with what a user should know at each place. */
export function meshText(draft: Draft): string {
  const hasRemotes = draft.clusters.some(({ role }) => role === 'remote');
  return `${[
    '# yaml-language-server: $schema=./mesh.schema.json',
    '# `meshplan schema > mesh.schema.json` puts the schema there, so that editors complete and check this file.',
    'apiVersion: meshplan/v1',
    'kind: Mesh',
    'metadata:',
    `  name: ${scalar(draft.mesh)}  # the mesh ID`,
    'spec:',
    '  istio:',
    `    version: ${JSON.stringify(draft.istioVersion)}  # ${plain(draft.versionNote)}`,
    `  # ${plain(`Networks: ${draft.networkNote}.`)}`,
    '  networks:',
    ...draft.networks.map((network) => `    ${scalar(network)}: {}`),
    '  clusters:',
    ...draft.clusters.flatMap(clusterLines),
    ...CONTROL_PLANE,
    ...(hasRemotes ? EXPOSURE : []),
    ...REST,
  ].join('\n')}\n`;
}

function clusterLines(cluster: DraftCluster): string[] {
  const { name, context, role, primary, network, region, zone } = cluster;
  const place = [`region: ${scalar(region ?? '')}`, ...(zone ? [`zone: ${scalar(zone)}`] : [])].join(', ');
  return [
    `    - name: ${scalar(name)}`,
    ...cluster.notes.map((note) => `      # ${plain(note)}`),
    ...(context === name ? [] : [`      context: ${JSON.stringify(context)}`]),
    role === 'primary'
      ? '      role: primary  # runs istiod'
      : '      role: remote  # served by istiod of its primary',
    ...(primary === undefined ? [] : [`      primary: ${scalar(primary)}`]),
    `      network: ${scalar(network)}`,
    ...(region === undefined
      ? ['      # locality: { region: us-east-1 }']
      : [`      locality: { ${place} }`]),
    ...(cluster.needsServer ? serverLines(cluster) : []),
  ];
}

const serverLines = ({ server, role, primary }: DraftCluster): string[] => [
  `      # ${plain(`${server} is an address of this machine alone${role === 'remote' ? `: istiod in ${primary} cannot reach it` : ''}.`)}`,
  '      # apiServer: https://api.example.com:6443  # where other clusters reach this API server',
];

const CONTROL_PLANE = ['  controlPlane:', '    replicas: 1  # 3 makes istiod highly available'];

const EXPOSURE = [
  '    exposure:',
  '      type: LoadBalancer  # Service istiod-external, by which remotes reach istiod',
  '      # allowFrom: [10.0.0.0/8]  # who may reach it; everybody without this',
];

const REST = [
  '  # namespaces:',
  '  #   - name: production  # in all clusters, with sidecars',
  '  # workloads:',
  '  #   - manifests: apps/backend.yaml  # a file, a glob or a folder beside this file',
  '  #     clusters: all',
  '  # monitoring: { alerts: true, dashboards: true }',
  '# More: trust, traffic, and all other fields are in docs/mesh-yaml.md of the package.',
];

/** Words that YAML does not read as text, in 1.1 or 1.2. */
const SPECIAL = /^(true|false|yes|no|on|off|y|n|null|~)$/i;

/** A text as YAML writes it: plain where nothing else can be read in it, else in quotes (JSON is YAML). */
const scalar = (text: string): string =>
  /^[A-Za-z][A-Za-z0-9._-]*$/.test(text) && !SPECIAL.test(text) ? text : JSON.stringify(text);

/** A comment is one line, whatever a server answered. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
