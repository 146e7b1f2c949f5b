/** One message of `istioctl analyze`. */
export interface AnalysisMessage {
  /** Istio's code, e.g. `IST0101`. */
  code: string;
  level: 'Error' | 'Warning' | 'Info';
  message: string;
  /** The cluster of the object, by its name in mesh.yaml. */
  cluster: string;
  /** The object as Istio names it, `KIND NAMESPACE/NAME` or `KIND NAME`; some messages have none. */
  origin?: string;
  documentationUrl?: string;
}

/**
 * What `istioctl analyze` says of a primary together with its remotes, names as in mesh.yaml, or why it cannot be
 * asked. Only together: a remote looked at alone lacks the rules and Services that its primary has.
 * @throws MeshplanError where it fails.
 */
export type Analyze = (
  primary: string,
  remotes: string[],
  signal?: AbortSignal,
) => Promise<AnalysisMessage[] | { unasked: string }>;
