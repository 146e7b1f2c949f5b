/** A docker-archive, for `ctr -n k8s.io images import PATH`. */
export interface ImageArchive {
  /** Full references of the images in it, e.g. `lab.meshplan.dev/pause:1.0.0`. */
  names: string[];
  /** Absolute. Kept while a lab may import it; ask again rather than remember it. */
  path: string;
}

/** One thing in an image's file system; paths are relative, without a leading slash. Root owns all of it. */
export type Entry =
  | { type: 'directory'; path: string; mode: number }
  | { type: 'link'; path: string; target: string }
  | { type: 'text'; path: string; mode: number; text: string }
  /** A copy of a file of this machine; links are followed. */
  | { type: 'copy'; path: string; mode: number; source: string };

/** A name for a file system, with what runs in it. */
export interface ImageConfig {
  reference: string;
  entrypoint: string[];
  /** What a pod's `args` replace. */
  command?: string[];
  /** `UID:GID`; root where it is left out. */
  user?: string;
}

/** One file system and the images that consist of it. */
export interface Recipe {
  /** Names the archive in the cache. */
  name: string;
  images: ImageConfig[];
  entries: Entry[];
}
