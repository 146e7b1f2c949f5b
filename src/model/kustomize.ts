/** What a kustomization comes to. */
export interface BuiltKustomization {
  /** Its objects as YAML documents. */
  yaml: string;
  /** The folder to which paths in the annotation `config.kubernetes.io/origin` are relative. */
  origin: string;
}

/** Builds kustomizations. A port: it takes a program, which the configuration does not run itself. */
export interface Kustomize {
  /**
   * Builds the kustomization in a folder (absolute path), without the network. With `origins` its objects say in
   * an annotation which file each is from.
   * @throws MeshplanError `kustomize-missing`, `kustomize-failed`.
   */
  build(folder: string, options: { origins: boolean }): Promise<BuiltKustomization>;
}
