/**
 * All that meshplan takes of client-node. The build replaces this file by a bundle of it and of what it needs
 * (`scripts/bundle.mjs`): its thousand modules cost half a second to load one by one, the bundle a tenth.
 * Only commands that talk to clusters load it, lazily.
 */
export { Exec, KubeConfig, loadYaml, PortForward } from '@kubernetes/client-node';
