export { type KubectlSources, kustomizeBy } from './kustomize.js';
