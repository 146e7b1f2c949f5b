/** A docker-archive, for `ctr -n k8s.io images import PATH`. */
export interface ImageArchive {
  /** Full references of the images in it, e.g. `lab.meshplan.dev/pause:1.0.0`. */
  names: string[];
  /** Absolute. Kept while a lab may import it; ask again rather than remember it. */
  path: string;
}
