import { loadYaml as load } from './client-node.js';

/** Reads a kubeconfig's text, with the parser that client-node reads kubeconfigs with. Throws on bad YAML. */
export const loadYaml = (text: string): unknown => load(text);
