export { misfitsOf } from './custom/check.js';
export { editClusters, namesField } from './edit/edit-clusters.js';
export { type LoadedMesh, type LoadOptions, loadMesh, readEnvironments } from './load.js';
export { schemaText } from './schema/text.js';
