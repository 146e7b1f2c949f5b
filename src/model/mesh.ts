/**
 * mesh.yaml as written, before defaults and cross references are worked out.
 * Generated from schema/mesh.schema.json: change that file, then run `npm run types`.
 */

/**
 * Value of a Kubernetes label.
 */
export type LabelValue = string;
/**
 * An amount of a resource, as Kubernetes writes it.
 */
export type Quantity = string | number;
/**
 * Clusters that get the namespace.
 *
 * @minItems 1
 */
export type ClusterSelector =
  | 'all'
  | string[]
  | {
      role?: 'primary' | 'remote';
      region?: string;
      zone?: string;
      network?: string;
      labels?: Record<string, string>;
      except?: string[];
    };
/**
 * Clusters that get the manifests.
 *
 * @minItems 1
 */
export type ClusterSelector1 =
  | 'all'
  | string[]
  | {
      role?: 'primary' | 'remote';
      region?: string;
      zone?: string;
      network?: string;
      labels?: Record<string, string>;
      except?: string[];
    };
/**
 * Further clusters that get a matching Service for each Service of the manifests, so that its name resolves there.
 *
 * @minItems 1
 */
export type ClusterSelector2 =
  | 'all'
  | string[]
  | {
      role?: 'primary' | 'remote';
      region?: string;
      zone?: string;
      network?: string;
      labels?: Record<string, string>;
      except?: string[];
    };
/**
 * Clusters for which the objects are changed, among those that get the manifests.
 *
 * @minItems 1
 */
export type ClusterSelector3 =
  | 'all'
  | string[]
  | {
      role?: 'primary' | 'remote';
      region?: string;
      zone?: string;
      network?: string;
      labels?: Record<string, string>;
      except?: string[];
    };
/**
 * Full DNS name of a Service.
 */
export type FullHost = string;
/**
 * Name of a lint rule, see docs/lint.md.
 */
export type LintRule =
  | 'exposure-open'
  | 'control-plane-of-remote'
  | 'several-networks'
  | 'unused-setting'
  | 'no-cluster-selected'
  | 'nothing-to-call'
  | 'callable-disagrees'
  | 'unknown-host'
  | 'empty-subset'
  | 'unreachable-route'
  | 'unknown-region'
  | 'empty-service'
  | 'target-port'
  | 'port-names'
  | 'port-protocol'
  | 'port-not-http'
  | 'headless-service'
  | 'not-callable'
  | 'separate-primaries'
  | 'injection-off'
  | 'pods-without-sidecar'
  | 'empty-region'
  | 'foreign-rule'
  | 'node-region'
  | 'failover-without-detection'
  | 'per-try-timeout'
  | 'fault-before-limits'
  | 'mtls-off'
  | 'unknown-subset'
  | 'weights-sum'
  | 'two-rules'
  | 'ejection-limit'
  | 'unread-rule'
  | 'managed-object'
  | 'istiod-selector'
  | 'key-in-manifest'
  | 'istio-operator'
  | 'operator-field'
  | 'unknown-label'
  | 'unknown-metric'
  | 'dedicated-primary'
  | 'quota-refuses-istiod'
  | 'quota-without-surge';

/**
 * One Istio multi-cluster mesh: its clusters, trust, control planes, namespaces, workloads and traffic rules.
 */
export interface MeshFile {
  /**
   * Version of this file format.
   */
  apiVersion: 'meshplan/v1';
  /**
   * Kind of this file.
   */
  kind: 'Mesh';
  /**
   * Identity of the mesh.
   */
  metadata: {
    /**
     * Mesh ID. Every cluster of the mesh carries it, and so does each object that meshplan makes.
     */
    name: string;
  };
  /**
   * The mesh itself.
   */
  spec: {
    istio: Istio;
    trust?: Trust;
    /**
     * Networks by name. Workloads of one network reach each other's pods directly. Once this map is present, a cluster may name only its networks.
     */
    networks?: {
      /**
       * Settings of one network; none exist yet.
       */
      [k: string]: {} | null;
    };
    /**
     * Kubernetes clusters of the mesh.
     *
     * @minItems 1
     */
    clusters: Cluster[];
    controlPlane?: ControlPlane;
    /**
     * Application namespaces that meshplan makes.
     */
    namespaces?: Namespace[];
    /**
     * Kubernetes manifests that meshplan applies, and where.
     */
    workloads?: Workload[];
    /**
     * Traffic rules, one entry for each host.
     */
    traffic?: Traffic[];
    policies?: Policies;
    monitoring?: Monitoring;
    /**
     * Environments of the mesh, such as staging and production, by the name that `--env` takes. An overlay cannot change them.
     */
    environments?: {
      [k: string]: Environment;
    };
    drift?: Drift;
    lint?: Lint;
  };
}
/**
 * The Istio release and settings common to all clusters.
 */
export interface Istio {
  /**
   * Istio release (`1.31.2`) or minor (`1.31`, which any build of that minor satisfies). Checked against `istioctl version`.
   */
  version: string;
  /**
   * Image registry and path of Istio's images. Left out: what istioctl carries.
   */
  hub?: string;
  /**
   * Tag of Istio's images. Left out: what istioctl carries.
   */
  tag?: string;
  /**
   * Istio mesh configuration of every primary, passed on as it is. The trust domain is set by `spec.trust.domain`.
   */
  meshConfig?: {
    [k: string]: unknown;
  };
  values?: Values;
}
/**
 * Istio Helm values, passed to istioctl as they are. What meshplan works out itself (mesh ID, cluster and network names, istiod's address, revision) is refused here.
 */
export interface Values {
  [k: string]: unknown;
}
/**
 * The trust that all clusters share: one trust domain and one root certificate.
 */
export interface Trust {
  /**
   * Trust domain, the first part of every workload's identity.
   */
  domain?: string;
  /**
   * The certificate authority of the mesh.
   */
  ca?: {
    /**
     * Where the root comes from: `generated` by meshplan, `files` that you keep, or `secret` when a `cacerts` Secret is already in each cluster.
     */
    source?: 'generated' | 'files' | 'secret';
    root?: Root;
    intermediates?: Intermediates;
    /**
     * Whether remote clusters get an intermediate certificate and its key too. Only a later promotion to primary needs it.
     */
    remoteKeys?: boolean;
  };
}
/**
 * The root certificate.
 */
export interface Root {
  /**
   * File of the root's private key (PEM), relative to mesh.yaml. Left out: `.meshplan/ca/MESH/root-key.pem`.
   */
  keyFile?: string;
  /**
   * File of the root certificate (PEM), relative to mesh.yaml. Left out: `.meshplan/ca/MESH/root-cert.pem`.
   */
  certFile?: string;
  /**
   * Organization (O) in the subject of generated certificates.
   */
  organization?: string;
  /**
   * How long a generated root is valid, in whole days.
   */
  validity?: string;
  /**
   * Size of generated RSA keys, in bits.
   */
  keyBits?: 2048 | 3072 | 4096;
}
/**
 * The intermediate certificates, one for each cluster.
 */
export interface Intermediates {
  /**
   * How long an intermediate is valid, in whole days.
   */
  validity?: string;
  /**
   * How long before its end an intermediate is renewed, in whole days.
   */
  renewBefore?: string;
}
/**
 * One Kubernetes cluster.
 */
export interface Cluster {
  /**
   * Istio's name of the cluster; also the kubeconfig context unless `context` says otherwise.
   */
  name: string;
  /**
   * Kubeconfig context. Left out: the cluster's name.
   */
  context?: string;
  /**
   * Kubeconfig file of this cluster alone, relative to mesh.yaml; `~/` is the home folder. Left out: the kubeconfig of the command.
   */
  kubeconfig?: string;
  /**
   * URL at which istiod of the primary reaches this cluster's API server. Left out: the kubeconfig's server.
   */
  apiServer?: string;
  /**
   * `primary` runs istiod; `remote` is served by a primary's istiod.
   */
  role: 'primary' | 'remote';
  /**
   * The primary that serves this remote. May be left out where the mesh has one primary.
   */
  primary?: string;
  /**
   * Name of a network; it becomes the value of the label `topology.istio.io/network`.
   */
  network?: string;
  /**
   * Where the cluster's nodes are.
   */
  locality?: {
    /**
     * Region, as the nodes' label `topology.kubernetes.io/region` says.
     */
    region: string;
    /**
     * Zone, as the nodes' label `topology.kubernetes.io/zone` says.
     */
    zone?: string;
  };
  labels?: Labels;
  values?: Values1;
  controlPlane?: ControlPlaneOverride;
  /**
   * Declared, but taking no part: nothing is planned, applied or verified in this cluster. `meshplan promote` writes it for a primary that died.
   */
  fenced?: {
    /**
     * Since when. Credentials made before it, by which the cluster reads others, are replaced.
     */
    since: string;
  };
}
/**
 * Labels that describe the cluster; cluster selectors choose by them. The cluster itself does not get them.
 */
export interface Labels {
  [k: string]: LabelValue;
}
/**
 * Istio Helm values, passed to istioctl as they are. What meshplan works out itself (mesh ID, cluster and network names, istiod's address, revision) is refused here.
 */
export interface Values1 {
  [k: string]: unknown;
}
/**
 * Control plane settings of this cluster as a primary, laid over `spec.controlPlane`.
 */
export interface ControlPlaneOverride {
  /**
   * Least number of istiod pods.
   */
  replicas?: number;
  exposure?: Exposure;
  resources?: Resources;
  quota?: Quota;
}
/**
 * How remotes reach this istiod.
 */
export interface Exposure {
  /**
   * Type of the Service.
   */
  type?: 'LoadBalancer';
  annotations?: Annotations;
  /**
   * IP address or hostname that remotes use, in place of what the load balancer answers.
   */
  address?: string;
  /**
   * Address ranges (CIDR) that may reach istiod. Left out: everybody may, and a warning says so.
   *
   * @minItems 1
   *
   * Items: One address range in CIDR notation.
   */
  allowFrom?: string[];
  /**
   * Whether a NetworkPolicy keeps all others from istiod where `allowFrom` names less than every address. A map says which ranges nodes and API servers of the primary have, in place of those that are read from it.
   */
  networkPolicy?:
    | boolean
    | {
        /**
         * Ranges of the primary's nodes, from which calls through the load balancer may come.
         *
         * @minItems 1
         *
         * Items: One address range in CIDR notation.
         */
        nodes?: string[];
        /**
         * Ranges of the primary's API servers, which call istiod's webhooks.
         *
         * @minItems 1
         *
         * Items: One address range in CIDR notation.
         */
        apiServers?: string[];
      };
}
/**
 * Annotations of the Service, for the cloud's load balancer.
 */
export interface Annotations {
  /**
   * Value of one annotation.
   */
  [k: string]: string;
}
/**
 * Resource requests and limits of istiod. Left out: what Istio's charts set.
 */
export interface Resources {
  requests?: Quantities;
  limits?: Quantities1;
}
/**
 * What istiod asks of its node.
 */
export interface Quantities {
  [k: string]: Quantity;
}
/**
 * The most that istiod may use.
 */
export interface Quantities1 {
  [k: string]: Quantity;
}
/**
 * Bounds of what `istio-system` of a primary may use: a ResourceQuota and, with `limits`, a LimitRange.
 */
export interface Quota {
  /**
   * The most of each resource, in the names of a ResourceQuota's `spec.hard`.
   */
  hard: {
    [k: string]: Quantity;
  };
  /**
   * The LimitRange of its containers: what one gets that states nothing, and what it may state.
   */
  limits?: {
    default?: Quantities2;
    defaultRequest?: Quantities3;
    max?: Quantities4;
    min?: Quantities5;
  };
}
/**
 * Limits of a container that states none.
 */
export interface Quantities2 {
  [k: string]: Quantity;
}
/**
 * Requests of a container that states none.
 */
export interface Quantities3 {
  [k: string]: Quantity;
}
/**
 * The most that a container may have as its limit.
 */
export interface Quantities4 {
  [k: string]: Quantity;
}
/**
 * The least that a container may request.
 */
export interface Quantities5 {
  [k: string]: Quantity;
}
/**
 * Control plane settings of every primary; `clusters[].controlPlane` overrides them for one cluster.
 */
export interface ControlPlane {
  /**
   * Least number of istiod pods. Two or more make it highly available: autoscaling floor, PodDisruptionBudget and spread.
   */
  replicas?: number;
  exposure?: Exposure1;
  resources?: Resources;
  quota?: Quota;
}
/**
 * How remotes reach istiod.
 */
export interface Exposure1 {
  /**
   * Type of the Service.
   */
  type?: 'LoadBalancer';
  annotations?: Annotations;
  /**
   * IP address or hostname that remotes use, in place of what the load balancer answers.
   */
  address?: string;
  /**
   * Address ranges (CIDR) that may reach istiod. Left out: everybody may, and a warning says so.
   *
   * @minItems 1
   *
   * Items: One address range in CIDR notation.
   */
  allowFrom?: string[];
  /**
   * Whether a NetworkPolicy keeps all others from istiod where `allowFrom` names less than every address. A map says which ranges nodes and API servers of the primary have, in place of those that are read from it.
   */
  networkPolicy?:
    | boolean
    | {
        /**
         * Ranges of the primary's nodes, from which calls through the load balancer may come.
         *
         * @minItems 1
         *
         * Items: One address range in CIDR notation.
         */
        nodes?: string[];
        /**
         * Ranges of the primary's API servers, which call istiod's webhooks.
         *
         * @minItems 1
         *
         * Items: One address range in CIDR notation.
         */
        apiServers?: string[];
      };
}
/**
 * One application namespace.
 */
export interface Namespace {
  /**
   * Name of the namespace.
   */
  name: string;
  /**
   * Whether its pods get a sidecar, and of which revision of Istio: `true` means the default one.
   */
  injection?:
    | boolean
    | {
        /**
         * Revision, or revision tag, whose injector gives the sidecar.
         */
        revision: string;
      };
  clusters?: ClusterSelector;
  labels?: Labels1;
  lifecycle?: Lifecycle;
}
/**
 * Labels of the namespace.
 */
export interface Labels1 {
  [k: string]: LabelValue;
}
/**
 * What may happen to the objects of this declaration.
 */
export interface Lifecycle {
  /**
   * Whether a plan that would delete or replace one of the objects is refused, also once the declaration is gone.
   */
  preventDelete?: boolean;
}
/**
 * A set of manifests and the clusters that get them.
 */
export interface Workload {
  /**
   * A file, a glob (`*`, `**`, `?`) or a folder of plain Kubernetes YAML or JSON, or a folder with a kustomization, which is built; relative to mesh.yaml and inside its folder.
   */
  manifests: string;
  clusters: ClusterSelector1;
  callableFrom?: ClusterSelector2;
  /**
   * Changes to the objects of the manifests, in order, for all or some of its clusters.
   */
  patches?: WorkloadPatch[];
  /**
   * Whether `apply` may restart Deployments, StatefulSets and DaemonSets of the manifests whose pods are older than injection and have no sidecar. Without it `plan` names them.
   */
  restart?: boolean;
  lifecycle?: Lifecycle;
}
/**
 * One change to objects of the manifests: what it changes, and exactly one of `merge` and `json`.
 */
export interface WorkloadPatch {
  clusters?: ClusterSelector3;
  target: PatchTarget;
  /**
   * A JSON merge patch (RFC 7386): maps merge, `null` deletes a key, lists and all else replace.
   */
  merge?: {
    [k: string]: unknown;
  };
  /**
   * A JSON patch (RFC 6902): a list of operations.
   *
   * @minItems 1
   */
  json?: PatchOperation[];
}
/**
 * Which objects of the manifests are changed.
 */
export interface PatchTarget {
  /**
   * Kind of the objects.
   */
  kind: string;
  /**
   * Name of the object, or a glob (`*`, `?`).
   */
  name: string;
  /**
   * API version of the objects, as the manifests write it. Left out: any.
   */
  apiVersion?: string;
  /**
   * Namespace of the objects. Left out: any.
   */
  namespace?: string;
}
/**
 * One operation of a JSON patch (RFC 6902).
 */
export interface PatchOperation {
  /**
   * What is done.
   */
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  /**
   * JSON pointer to the value.
   */
  path: string;
  /**
   * The value that `add` and `replace` put there, and that `test` expects.
   */
  value?: {
    [k: string]: unknown;
  };
  /**
   * JSON pointer to the value that `move` and `copy` take.
   */
  from?: string;
}
/**
 * Traffic rules of one host.
 */
export interface Traffic {
  host: FullHost;
  /**
   * Subsets of the host's pods by name, each with the labels of its pods.
   */
  subsets?: {
    [k: string]: PodLabels;
  };
  /**
   * What holds for a subset in the place of what holds for the host, by name of the subset.
   */
  subsetPolicies?: {
    /**
     * What holds for one subset.
     */
    [k: string]: {
      connectionPool?: ConnectionPool;
      tls?: ClientTls;
    };
  };
  /**
   * Where requests go; the first route that matches is taken.
   */
  routes?: Route[];
  /**
   * To which region requests go when a region has no healthy pods. Needs `outlierDetection`.
   *
   * Items: One direction of failover.
   */
  failover?: {
    /**
     * Region that fails.
     */
    from: string;
    /**
     * Region that takes over.
     */
    to: string;
  }[];
  /**
   * How requests are shared among regions or zones, by where the caller is. Not together with `failover`.
   *
   * Items: The shares for callers of one place.
   */
  distribute?: {
    /**
     * Where the callers are.
     */
    from: string;
    /**
     * Percent of the requests by place; together 100. Places that are not named get none.
     */
    to: {
      /**
       * Percent of the requests.
       */
      [k: string]: number;
    };
  }[];
  outlierDetection?: OutlierDetection;
  connectionPool?: ConnectionPool;
  loadBalancer?: LoadBalancer;
  tls?: ClientTls;
  lifecycle?: Lifecycle;
}
/**
 * Labels of the subset's pods.
 */
export interface PodLabels {
  [k: string]: LabelValue;
}
/**
 * Limits of the connections and requests from one proxy to the host; what is over them is answered with 503.
 */
export interface ConnectionPool {
  /**
   * Limits for all connections.
   */
  tcp?: {
    /**
     * Most connections at a time. Left out: no limit.
     */
    maxConnections?: number;
    /**
     * How long a connection may take to be made. Left out: Istio's default.
     */
    connectTimeout?: string;
    /**
     * How long a connection may carry nothing. Left out: Istio's default.
     */
    idleTimeout?: string;
    /**
     * How old a connection may get. Left out: no limit.
     */
    maxConnectionDuration?: string;
    /**
     * TCP keep-alives.
     */
    tcpKeepalive?: {
      /**
       * Probes without an answer after which a connection is dead.
       */
      probes?: number;
      /**
       * How long a connection carries nothing before the first probe.
       */
      time?: string;
      /**
       * Time between probes.
       */
      interval?: string;
    };
  };
  /**
   * Limits for HTTP.
   */
  http?: {
    /**
     * Most requests that wait for a connection. Left out: no limit.
     */
    http1MaxPendingRequests?: number;
    /**
     * Most requests at a time, of HTTP/1.1 too. Left out: no limit.
     */
    http2MaxRequests?: number;
    /**
     * Requests after which a connection is closed; 1 turns keep-alive off. Left out: no limit.
     */
    maxRequestsPerConnection?: number;
    /**
     * Most repetitions at a time, of all requests together. Left out: no limit.
     */
    maxRetries?: number;
    /**
     * Most streams at a time on one HTTP/2 connection. Left out: no limit.
     */
    maxConcurrentStreams?: number;
    /**
     * How long a connection may be without requests. Left out: Istio's default.
     */
    idleTimeout?: string;
    /**
     * Whether HTTP/1.1 connections become HTTP/2. Left out: as in the mesh configuration.
     */
    h2UpgradePolicy?: 'DEFAULT' | 'DO_NOT_UPGRADE' | 'UPGRADE';
  };
}
/**
 * How proxies encrypt connections to the host. Left out: mutual TLS wherever both sides have a proxy.
 */
export interface ClientTls {
  /**
   * `ISTIO_MUTUAL`: mutual TLS with the certificates of the mesh. `SIMPLE`: TLS without a certificate of the caller. `DISABLE`: plaintext.
   */
  mode: 'ISTIO_MUTUAL' | 'SIMPLE' | 'DISABLE';
  /**
   * Server name that a `SIMPLE` connection asks for.
   */
  sni?: string;
  /**
   * Names of which the server's certificate has to carry one.
   *
   * @minItems 1
   *
   * Items: One name.
   */
  subjectAltNames?: string[];
  /**
   * File in the callers' proxies with the certificates that a server's has to come from, or `system`. Left out: Istio's default.
   */
  caCertificates?: string;
}
/**
 * One route: what it matches, and where it leads.
 */
export interface Route {
  /**
   * What a request has to look like: all conditions of a map must fit, and of a list of maps any one. Left out: every request.
   *
   * @minItems 1
   */
  match?:
    | {
        headers?: HeaderMatches;
        queryParams?: QueryParamMatches;
        path?: StringMatch1;
        method?: StringMatch2;
        /**
         * Whether upper and lower case are the same in `path`. It has no meaning for `regex`.
         */
        ignoreUriCase?: boolean;
      }
    | HttpMatch[];
  /**
   * Destinations. Weights of several must sum to 100.
   *
   * @minItems 1
   *
   * Items: One destination.
   */
  to: {
    /**
     * A DNS label (RFC 1123).
     */
    subset?: string;
    /**
     * Share of the requests in percent. Left out with a single destination: all.
     */
    weight?: number;
  }[];
  /**
   * How long a request may take, retries included. Left out: no limit.
   */
  timeout?: string;
  /**
   * How failed requests are repeated. Left out: Istio's default.
   */
  retries?: {
    /**
     * How often a request is repeated at most; 0 means never.
     */
    attempts: number;
    /**
     * How long one try may take. Left out: the route's timeout.
     */
    perTryTimeout?: string;
    /**
     * Conditions under which a request is repeated, in Envoy's words, joined by commas.
     */
    retryOn?: string;
  };
  /**
   * Where copies of the requests go; their answers are thrown away.
   *
   * Items: One mirror. Without `subset` and `host`: all pods of the host of the rule.
   */
  mirrors?: {
    /**
     * A DNS label (RFC 1123).
     */
    subset?: string;
    /**
     * Full DNS name of a Service.
     */
    host?: string;
    /**
     * Share of the requests that is copied.
     */
    percent?: number;
  }[];
  /**
   * Faults that the caller's proxy plays, to see how applications bear them.
   */
  fault?: {
    /**
     * Requests that wait before they are sent.
     */
    delay?: {
      /**
       * How long they wait.
       */
      fixedDelay: string;
      /**
       * Share of the requests that waits.
       */
      percent?: number;
    };
    /**
     * Requests that are answered by the proxy and never sent.
     */
    abort?: {
      /**
       * HTTP status of the answer.
       */
      httpStatus: number;
      /**
       * Share of the requests that is answered so.
       */
      percent?: number;
    };
  };
}
/**
 * Header values by header name, in lower case.
 */
export interface HeaderMatches {
  [k: string]: StringMatch;
}
/**
 * How a text has to look; exactly one of the three.
 */
export interface StringMatch {
  /**
   * The whole text.
   */
  exact?: string;
  /**
   * How the text begins.
   */
  prefix?: string;
  /**
   * A regular expression (RE2 syntax) that fits the whole text.
   */
  regex?: string;
}
/**
 * Query parameter values by name.
 */
export interface QueryParamMatches {
  [k: string]: StringMatch;
}
/**
 * How a text has to look; exactly one of the three.
 */
export interface StringMatch1 {
  /**
   * The whole text.
   */
  exact?: string;
  /**
   * How the text begins.
   */
  prefix?: string;
  /**
   * A regular expression (RE2 syntax) that fits the whole text.
   */
  regex?: string;
}
/**
 * How a text has to look; exactly one of the three.
 */
export interface StringMatch2 {
  /**
   * The whole text.
   */
  exact?: string;
  /**
   * How the text begins.
   */
  prefix?: string;
  /**
   * A regular expression (RE2 syntax) that fits the whole text.
   */
  regex?: string;
}
/**
 * What a request has to look like; all of it must fit. Left out: every request.
 */
export interface HttpMatch {
  headers?: HeaderMatches;
  queryParams?: QueryParamMatches;
  path?: StringMatch3;
  method?: StringMatch4;
  /**
   * Whether upper and lower case are the same in `path`. It has no meaning for `regex`.
   */
  ignoreUriCase?: boolean;
}
/**
 * How a text has to look; exactly one of the three.
 */
export interface StringMatch3 {
  /**
   * The whole text.
   */
  exact?: string;
  /**
   * How the text begins.
   */
  prefix?: string;
  /**
   * A regular expression (RE2 syntax) that fits the whole text.
   */
  regex?: string;
}
/**
 * How a text has to look; exactly one of the three.
 */
export interface StringMatch4 {
  /**
   * The whole text.
   */
  exact?: string;
  /**
   * How the text begins.
   */
  prefix?: string;
  /**
   * A regular expression (RE2 syntax) that fits the whole text.
   */
  regex?: string;
}
/**
 * When a pod counts as unhealthy and is left out for a while.
 */
export interface OutlierDetection {
  /**
   * Number of 5xx answers in a row after which a pod is ejected. Left out: Istio's default.
   */
  consecutive5xxErrors?: number;
  /**
   * Number of answers 502, 503 and 504 in a row after which a pod is ejected. Left out: not counted by themselves.
   */
  consecutiveGatewayErrors?: number;
  /**
   * Whether failures to connect are counted apart from answers of the pods.
   */
  splitExternalLocalOriginErrors?: boolean;
  /**
   * Number of failures to connect in a row after which a pod is ejected; needs `splitExternalLocalOriginErrors`. Left out: Istio's default.
   */
  consecutiveLocalOriginFailures?: number;
  /**
   * Time between two looks at the pods. Left out: Istio's default.
   */
  interval?: string;
  /**
   * Shortest time that a pod stays ejected. Left out: Istio's default.
   */
  baseEjectionTime?: string;
  /**
   * Largest share of the pods that may be ejected, in percent. Left out: 100 where `failover` is set, else Istio's default.
   */
  maxEjectionPercent?: number;
  /**
   * Share of healthy pods below which ejection stops and all pods get requests again, in percent. Left out: Istio's default.
   */
  minHealthPercent?: number;
}
/**
 * How a proxy chooses among the pods.
 */
export interface LoadBalancer {
  /**
   * Way of choosing, in Istio's words. Left out: Istio's default, `LEAST_REQUEST`.
   */
  simple?: 'ROUND_ROBIN' | 'LEAST_REQUEST' | 'RANDOM';
  /**
   * What of a request decides, so that requests alike go to the same pod.
   */
  consistentHash?: {
    /**
     * Name of a header.
     */
    httpHeaderName?: string;
    /**
     * Name of a query parameter.
     */
    httpQueryParameterName?: string;
    /**
     * The caller's address.
     */
    useSourceIp?: true;
    /**
     * A cookie, which the proxy sets where it has a `ttl`.
     */
    httpCookie?: {
      /**
       * Name of the cookie.
       */
      name: string;
      /**
       * Path of the cookie.
       */
      path?: string;
      /**
       * How long a cookie is valid that the proxy makes; `0s` is until the client ends its session. Left out: it makes none.
       */
      ttl?: string;
    };
  };
}
/**
 * Rules that the mesh itself has to keep.
 */
export interface Policies {
  /**
   * What becomes of workloads that are placed on a primary: `warn` names them, `forbid` refuses the mesh. Left out: nothing.
   */
  dedicatedPrimary?: 'warn' | 'forbid';
}
/**
 * What meshplan adds for monitoring.
 */
export interface Monitoring {
  /**
   * Alert rules: a PrometheusRule where its CRD is present, else a ConfigMap of rules.
   */
  alerts?: boolean;
  /**
   * Grafana dashboards as labelled ConfigMaps.
   */
  dashboards?: boolean;
  kiali?: Kiali;
}
/**
 * Credentials by which Kiali, which is not installed by this, sees all clusters of the mesh.
 */
export interface Kiali {
  /**
   * Name of a cluster, as `clusters[].name` declares it.
   */
  cluster?: string;
  /**
   * A DNS label (RFC 1123).
   */
  namespace?: string;
}
/**
 * One environment: what is laid over this file for it, and what it asks of another one.
 */
export interface Environment {
  /**
   * Overlay files of this environment, in order. Paths are relative to the folder of this file, and lead into it.
   *
   * Items: Path of an overlay.
   */
  overlays?: string[];
  requires?: Requires;
}
/**
 * What another environment must have proved before an apply changes this one: the same mesh, but for what names a place.
 */
export interface Requires {
  /**
   * A DNS label (RFC 1123).
   */
  environment: string;
  /**
   * The report that an apply wrote there. A relative path is relative to the folder of this file.
   */
  report: string;
  /**
   * How old the report may be.
   */
  maxAge?: string;
  /**
   * Lineage of the state of that environment, as `meshplan state show` prints it: only its reports count. Left out: that of its state file, where it is beside this file.
   */
  lineage?: string;
  /**
   * Differences that are meant, beyond those that name a place.
   */
  except?: RequiresExcept[];
}
/**
 * One kind of difference between environments that is meant.
 */
export interface RequiresExcept {
  /**
   * Address of the object in this environment, or a glob: `*` within a part, `**` over parts.
   */
  address: string;
  /**
   * JSON pointers to the fields that may differ, each with all below it; `*` stands for one part. Left out: the whole object, also where it is in one of the environments alone.
   *
   * @minItems 1
   *
   * Items: A JSON pointer.
   */
  pointers?: string[];
  /**
   * Why, for readers.
   */
  reason?: string;
}
/**
 * What `meshplan drift` looks for.
 */
export interface Drift {
  /**
   * Differences that are meant, and that `meshplan drift` leaves out. A plan shows them still.
   */
  ignore?: DriftIgnore[];
}
/**
 * One kind of difference that is meant.
 */
export interface DriftIgnore {
  /**
   * Address of the object, as drift shows it, or a glob: `*` within a part, `**` over parts.
   */
  address: string;
  /**
   * JSON pointers to the fields that are meant, each with all below it; `*` stands for one part. Left out: the whole object.
   *
   * @minItems 1
   *
   * Items: A JSON pointer.
   */
  pointers?: string[];
  /**
   * Field manager whose differences are meant, or a glob. Left out: everybody's.
   */
  manager?: string;
  /**
   * Why, for readers.
   */
  reason?: string;
}
/**
 * How the findings of lint rules are taken.
 */
export interface Lint {
  /**
   * Severity of a rule's findings, by rule. Left out: the default that docs/lint.md gives.
   */
  severities?: {
    /**
     * `error` ends the command, `warning` does not, `off` is silent.
     */
    [k: string]: 'off' | 'warning' | 'error';
  };
  /**
   * Findings that are meant to be as they are, each until a day.
   */
  waivers?: LintWaiver[];
}
/**
 * Findings of one rule that are meant to be as they are, until a day.
 */
export interface LintWaiver {
  rule: LintRule;
  /**
   * What the findings are about, as `validate --verbose` shows it, or a glob: `*` within a part, `**` over parts. Left out: every finding of the rule.
   */
  subject?: string;
  /**
   * Why it is meant, for readers.
   */
  reason: string;
  /**
   * The last day on which it holds (UTC). Afterwards the findings are told again, and so is the waiver.
   */
  expires: string;
}
